"""The page that shows the last check."""

from __future__ import annotations

from django.utils import timezone

from backoffice.models import ConnectionCheck
from backoffice.sandbox.server import SandboxServer
from backoffice.services import contract
from backoffice.services.upstream import current
from tests.conftest import Login
from tests.records.pages import read


def test_before_the_first_check_nothing_is_asked(sandbox: SandboxServer, login: Login) -> None:
    page = login("admin").get("/connection/")
    assert "Not checked yet" in read(page).text
    assert sandbox.requests == []


def test_check_now_checks_and_shows(sandbox: SandboxServer, login: Login) -> None:
    admin = login("admin")
    done = admin.post("/connection/")
    assert (done.status_code, done["Location"]) == (303, "/connection/")
    sandbox.clear_log()
    text = read(admin.get("/connection/")).text
    for section in contract.sections(contract.last() or contract.run()):
        assert section.title in text
        for line in section.lines:
            assert line.says in text
            assert line.means in text
    assert "Everything works; a few things are good to know." in text
    assert sandbox.requests == []


def test_the_age_of_the_check_is_shown(sandbox: SandboxServer, login: Login) -> None:
    report = contract.Report(timezone.now() - timezone.timedelta(days=3), "http://x", ())
    ConnectionCheck.objects.create(
        upstream=current(), checked_at=report.checked_at, severity="ok", result=report.as_json()
    )
    assert "checked 3 days ago" in " ".join(read(login("admin").get("/connection/")).text.split())


def test_a_server_that_is_away_is_shown_as_such(sandbox: SandboxServer, login: Login) -> None:
    sandbox.fault("status", path="/clients", status=401, times=9)
    admin = login("admin")
    admin.post("/connection/")
    text = read(admin.get("/connection/")).text
    assert "Something does not work." in text
    assert "Check FLOWTLY_API_TOKEN" in text


def test_only_admins_find_it(sandbox: SandboxServer, login: Login) -> None:
    assert "/connection/" in read(login("admin").get("/")).links
    assert "/connection/" not in read(login("steward").get("/")).links
