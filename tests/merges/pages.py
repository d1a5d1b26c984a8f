"""What a person does on the pages of a merge, with the Django client."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.test import Client

from backoffice.models import Job
from tests.records.pages import form_of, read

from .cast import FIRST, KEEPS, SECOND, again

NEW = "/merges/new/"
ALL_THREE = f"{NEW}?ids={KEEPS},{FIRST},{SECOND}"


def words(answer: HttpResponse) -> str:
    return read(answer).text


def composed(browser: Client, url: str = ALL_THREE, **chosen: Any) -> HttpResponse:
    """The form at `url` with other choices, sent to make the plan; who stays was chosen on a page before."""
    url = f"{url}&survivor={chosen['survivor']}" if "survivor" in chosen else url
    form = {**form_of(browser, url, "merge-form"), "do": "plan", **chosen}
    return browser.post(NEW, form)


def looked(browser: Client, url: str = ALL_THREE, **chosen: Any) -> HttpResponse:
    """The same, only to see the result."""
    return browser.post(NEW, {**form_of(browser, url, "merge-form"), **chosen})


def job_at(answer: HttpResponse) -> Job:
    assert answer.status_code == 303, words(answer)
    return Job.objects.get(pk=answer["Location"].rstrip("/").rpartition("/")[2])


def confirmed(browser: Client, job: Job, **typed: str) -> HttpResponse:
    return browser.post(f"/jobs/{job.pk}/merge/confirm/", {"reason": "One firm", "when": "now", **typed})


def merged(browser: Client, url: str = ALL_THREE, **chosen: Any) -> Job:
    """Composed, confirmed and run to its end, or to where it stops."""
    job = job_at(composed(browser, url, **chosen))
    answer = confirmed(browser, job)
    assert answer.status_code == 303, words(answer)
    return again(job)


def page_of(browser: Client, job: Job) -> str:
    answer = browser.get(f"/jobs/{job.pk}/")
    assert answer.status_code == 200
    return words(answer)
