"""The page of a job about many records: numbers that add up, and what became of each record."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from backoffice.models import Job, JobState, Outcome, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import branding, jobs, outcomes
from backoffice.services.privacy.steps import empty
from tests.conftest import Login
from tests.records.pages import Page, read

# A job of several steps tells with a connection of its own that it is alive.
pytestmark = pytest.mark.django_db(transaction=True)

MANY_AT_ONCE = "/counterparties/enrich-branding-ai"
Person = Callable[[str], User]
Sixty = list[str]


@pytest.fixture
def sixty(sandbox: SandboxServer, settings: LazySettings) -> Sixty:
    """Keys of counterparties without logo and website: three calls, one after the other."""
    settings.FLOWTLY_MAX_CONNECTIONS = 1
    rows = [{"displayName": f"Firma {n}", "type": "vendor"} for n in range(60)]
    return [sandbox.add_row("counterparties", row) for row in rows]


@pytest.fixture
def job(sandbox: SandboxServer, person: Person, sixty: Sixty) -> Job:
    iris = [f"/counterparties/{key}" for key in sixty]
    found = branding.enrich_many(actor=person("steward"), iris=iris, nonce=uuid.uuid4().hex, request_id="r")
    sandbox.clear_log()
    return found


def counted(job: Job) -> dict[str, int]:
    return dict(outcomes.counts(job).by)


def page_of(browser: Client, job: Job, query: str = "", **headers: str) -> Page:
    return read(browser.get(f"/jobs/{job.pk}/{query}", headers=headers))


def calls(sandbox: SandboxServer, method: str) -> list[Any]:
    return [entry for entry in sandbox.requests if entry["method"] == method]


def test_all_went_well(sandbox: SandboxServer, login: Login, job: Job, sixty: Sixty) -> None:
    browser = login("steward")
    waiting = browser.get(f"/jobs/{job.pk}/")
    assert 'hx-trigger="every 1s"' in waiting.content.decode()
    assert "0 of 60 done · 60 left" in read(waiting).text
    assert browser.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"}).status_code == 200
    assert sandbox.requests == []
    jobs.run(job)
    assert counted(job) == {"found": 60}
    assert (len(calls(sandbox, "POST")), len(sandbox.requests)) == (3, branding.calls(60))
    sandbox.clear_log()
    done = browser.get(f"/jobs/{job.pk}/", headers={"HX-Request": "true"})
    assert done.status_code == 286
    page = read(done)
    assert "60 of 60 done" in page.text
    assert page.rows == sixty[:50]
    assert f"/counterparties/{sixty[0]}/" in page.links
    assert f"https://logo.example/{sixty[0]}.png" in page.text
    assert page_of(browser, job, "?page=2").rows == sixty[50:]
    assert sandbox.requests == []


def test_a_call_that_failed_and_one_that_was_lost_are_no_success(
    sandbox: SandboxServer, login: Login, job: Job, sixty: Sixty
) -> None:
    sandbox.patch_row(
        "counterparties", sixty[0], {"logoUrl": "https://a.example/", "corporateWebsiteUrl": "https://a.example/"}
    )
    sandbox.delete_row("counterparties", sixty[1])
    sandbox.fault("status", method="POST", path=MANY_AT_ONCE, status=422, detail="Too much of it", skip=1, times=1)
    sandbox.fault("reset", method="POST", path=MANY_AT_ONCE, apply=False, times=1)
    jobs.run(job)
    job.refresh_from_db()
    assert job.state == JobState.DONE
    # The first call was cut off before anything was done: nobody knows. The second was refused, the third done.
    assert counted(job) == {"unknown": 24, "gone": 1, "rejected": 25, "found": 10}
    assert len(calls(sandbox, "POST")) == 3
    browser = login("viewer")
    page = page_of(browser, job)
    assert "10 of 60 done · 26 not done · 24 not known" in page.text
    assert "They are not asked about again by themselves" in page.text
    refused = page_of(browser, job, "?outcome=rejected")
    assert refused.rows == sixty[25:50]
    assert "Too much of it" in refused.text
    assert page_of(browser, job, "?outcome=gone").rows == [sixty[1]]
    assert page_of(browser, job, "?outcome=unknown").rows == [sixty[0], *sixty[2:25]]
    assert page_of(browser, job, "?outcome=found").rows == sixty[50:]
    assert page_of(browser, job, "?outcome=nonsense&page=99").rows == sixty[50:]


def test_a_lost_answer_whose_call_was_done_counts_as_done(sandbox: SandboxServer, job: Job, sixty: Sixty) -> None:
    sandbox.fault("reset", method="POST", path=MANY_AT_ONCE, apply=True, times=1)
    jobs.run(job)
    assert counted(job) == {"found": 60}
    assert len(calls(sandbox, "POST")) == 3


def test_flowtly_out_of_reach_leaves_nothing_done(sandbox: SandboxServer, login: Login, job: Job) -> None:
    sandbox.fault("status", status=403, path="/counterparties*", times=None)
    jobs.run(job)
    sandbox.clear_faults()
    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert counted(job) == {str(Outcome.NOT_WRITTEN): 60}
    assert "0 of 60 done · 60 not done" in page_of(login("viewer"), job).text


def test_nothing_new_is_said_of_each(sandbox: SandboxServer, login: Login, job: Job, sixty: Sixty) -> None:
    for key in sixty[:7]:
        sandbox.patch_row(
            "counterparties", key, {"logoUrl": "https://a.example/", "corporateWebsiteUrl": "https://b.example/"}
        )
    jobs.run(job)
    assert counted(job) == {"found": 53, "nothing": 7}
    assert page_of(login("viewer"), job, "?outcome=nothing").rows == sixty[:7]


def test_what_was_accepted_is_looked_at_again_until_it_is_there(
    sandbox: SandboxServer, login: Login, job: Job, sixty: Sixty
) -> None:
    sandbox.set_profile(enrich_many_status=202, enrich_delay=600.0)
    jobs.run(job)
    assert counted(job) == {"looking": 60}
    browser = login("viewer")
    sandbox.clear_log()
    assert "had not found anything for some" in page_of(browser, job).text
    assert len(sandbox.requests) == 60
    sandbox.finish_deferred()
    assert f"https://logo.example/{sixty[0]}.png" in page_of(browser, job).text
    assert counted(job) == {"found": 60}
    sandbox.clear_log()
    page_of(browser, job)
    assert sandbox.requests == []


def test_what_cannot_be_read_afterwards_is_named(
    sandbox: SandboxServer, login: Login, job: Job, sixty: Sixty
) -> None:
    sandbox.fault("status", status=403, method="GET", path=f"/counterparties/{sixty[0]}", skip=1, times=1)
    jobs.run(job)
    assert counted(job) == {"unseen": 25, "found": 35}
    assert "Looked up, could not be read" in page_of(login("viewer"), job).text


def test_one_worker_after_the_other_goes_on_where_it_was(sandbox: SandboxServer, login: Login, job: Job) -> None:
    """Numbers while it runs: the first call is over, the second is on its way."""
    first, second, _third = job.phases.get().steps.all()
    jobs.run(job)
    Job.objects.filter(pk=job.pk).update(state=JobState.RUNNING)
    second.refresh_from_db()
    second.state, second.outcome = "writing", ""
    second.save()
    assert counted(job) == {"found": 35, "left": 25}
    text = page_of(login("viewer"), job).text
    assert "35 of 60 done · 25 left" in text
    jobs.run(job)
    assert counted(job) == {"found": 60}
    assert len(calls(sandbox, "POST")) == 3
    assert first.number == 1


def test_what_was_kept_for_long_enough_is_said_to_be_gone(sandbox: SandboxServer, login: Login, job: Job) -> None:
    jobs.run(job)
    for step in job.phases.get().steps.all():
        empty(step)
        step.save()
    assert counted(job) == {str(Outcome.CALLED): 60}
    page = page_of(login("viewer"), job, "?outcome=called")
    assert "what was found in each record is no longer known here" in page.text
    assert "logo.example" not in page.text
    assert len(page.rows) == 50
