"""The list: its state is its address, one request serves it, and no address breaks it."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from backoffice.models import Label
from backoffice.sandbox.server import SandboxServer
from tests.conftest import Login
from tests.records.pages import read

NASTY = "<script>alert('x')</script> {{ 7|add:1 }} \"quoted\" & =1+1"


def test_rows_and_count(sandbox: SandboxServer, login: Login) -> None:
    page = read(login("viewer").get("/clients/"))
    assert len(page.rows) == 50
    assert "120 found" in page.text
    assert "1 to 50 of 120" in page.text
    assert f"/clients/{page.rows[0]}/" in page.links


def test_one_request_when_the_lookups_are_warm(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    client.get("/clients/")
    for query in ("", "?q=aps", "?status=active&sort=-dueDays", "?page=2&size=25"):
        sandbox.clear_log()
        assert client.get(f"/clients/{query}").status_code == 200
        assert [entry["path"] for entry in sandbox.requests] in (["/clients"], ["/clients/search"])


def test_sort_and_filter_are_flowtlys(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    client.get("/clients/")
    sandbox.clear_log()
    client.get("/clients/?status=active&sort=-dueDays")
    assert "status=active" in sandbox.requests[0]["query"]
    assert "order%5BdueDays%5D=desc" in sandbox.requests[0]["query"]


def test_two_characters_search_nothing(sandbox: SandboxServer, login: Login) -> None:
    page = read(login("viewer").get("/clients/?q=ap"))
    assert "The search begins at 3 characters" in page.text
    assert len(page.rows) == 50


def test_no_match_and_the_way_back(sandbox: SandboxServer, login: Login) -> None:
    page = read(login("viewer").get("/clients/?q=zzzzqqq&size=25"))
    assert page.rows == []
    assert "No clients match" in page.text
    assert "/clients/?size=25" in page.links


def test_beyond_the_last_page(sandbox: SandboxServer, login: Login) -> None:
    page = read(login("viewer").get("/clients/?page=999"))
    assert len(page.rows) == 20
    assert "the last one is shown" in page.text


def test_a_filter_that_flowtly_lacks_says_so(sandbox: SandboxServer, login: Login) -> None:
    sandbox.set_profile(filters=("name",))
    page = read(login("viewer").get("/clients/?status=active"))
    assert "only the rows of this page were considered" in page.text
    assert "(this page only)" in page.text
    assert {sandbox.row("clients", key)["status"] for key in page.rows} == {"active"}  # type: ignore[index]


def test_htmx_gets_the_table_alone(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    part = client.get("/clients/?q=aps&status=", headers={"HX-Request": "true", "HX-Trigger-Name": "q"})
    assert part["HX-Replace-Url"] == "/clients/?q=aps"
    assert "HX-Request" in part["Vary"]
    text = part.content.decode()
    assert "<html" not in text
    assert text.count('id="records"') == 1
    assert 'id="list-count" role="status" hx-swap-oob="true"' in text
    moved = client.get("/clients/?page=2", headers={"HX-Request": "true"})
    assert moved["HX-Push-Url"] == "/clients/?page=2"
    back = client.get("/clients/", headers={"HX-Request": "true", "HX-History-Restore-Request": "true"})
    assert "<html" in back.content.decode()


def test_names_of_references_come_later_and_together(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    first = client.get("/clients/?size=25").content.decode()
    url = first.split('hx-get="/labels/')[1].split('"')[0].replace("&amp;", "&")
    assert first.count('hx-get="/labels/') == 1
    names = client.get(f"/labels/{url}").content.decode()
    assert names.count("hx-swap-oob") == url.count("iri=")
    for place in names.split("innerHTML:.")[1:]:
        assert place.split('"')[0] in first
    again = client.get("/clients/?size=25").content.decode()
    assert 'hx-get="/labels/' not in again
    assert Label.objects.filter(entity="counterparties").exists()


def test_markup_in_names_is_text(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("clients", 1, {"name": NASTY})
    text = login("editor").get("/clients/").content.decode()
    assert "<script>alert" not in text
    assert "&lt;script&gt;alert(&#x27;x&#x27;)&lt;/script&gt; {{ 7|add:1 }} &quot;quoted&quot; &amp; =1+1" in text


def test_a_viewer_is_offered_no_changes(sandbox: SandboxServer, login: Login) -> None:
    text = login("viewer").get("/clients/").content.decode()
    assert "/edit/" not in text
    assert "/clients/new/" not in text
    assert "/clients/new/" in login("editor").get("/clients/").content.decode()


def test_danish(sandbox: SandboxServer, login: Login) -> None:
    client = login("viewer")
    text = client.get("/clients/", headers={"Accept-Language": "da"}).content.decode()
    assert "Tyskland" in text
    assert "Germany" not in text


def test_down_says_so(sandbox: SandboxServer, login: Login) -> None:
    sandbox.fault("status", status=503, times=50)
    response = login("viewer").get("/clients/")
    assert response.status_code == 503


@pytest.mark.parametrize(
    "query",
    ["page=abc", "page=-1", "page=0", "page=99999999999999999999", "size=7", "sort=zzz", "sort=,,-", "country=x"],
)
def test_bad_addresses_fall_back_with_a_note(query: str, sandbox: SandboxServer, login: Login) -> None:
    response = login("viewer").get(f"/clients/?{query}")
    assert response.status_code == 200
    assert len(read(response).rows) == 50


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    query=st.dictionaries(
        st.sampled_from(["q", "page", "size", "sort", "status", "country"]), st.text(max_size=20)
    )
)
def test_no_address_breaks_the_list(query: dict[str, str], sandbox: SandboxServer, login: Login) -> None:
    assert login("viewer").get("/clients/", query).status_code == 200
