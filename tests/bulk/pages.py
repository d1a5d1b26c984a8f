"""What the tests of the pages have in common: a selection, its form, and the plan that comes of it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from django.http import HttpResponse
from django.test import Client

from backoffice.models import Job
from tests.records.pages import Page, read

HTMX = {"HX-Request": "true"}


def form_url(browser: Client, *keys: str, slug: str = "clients") -> str:
    """Ticks these records, and goes on to the form."""
    browser.post(f"/{slug}/selection/none/", headers=HTMX)
    browser.post(f"/{slug}/selection/", {"add": list(keys)}, headers=HTMX)
    return str(browser.post(f"/{slug}/selection/change/")["Location"])


def set_to(**values: str) -> dict[str, Any]:
    """What the form posts where each of these fields is set to a value."""
    posted: dict[str, Any] = {"field": list(values)}
    for name, value in values.items():
        posted |= {f"how-{name}": "set", f"value-{name}": value}
    return posted


def change(browser: Client, keys: Sequence[str], posted: dict[str, Any], *, slug: str = "clients") -> Job:
    """The plan that the form makes."""
    answer = browser.post(form_url(browser, *keys, slug=slug), posted)
    assert answer.status_code == 303, read(answer, "change-form").text
    return Job.objects.get(pk=str(answer["Location"]).split("/")[2])


def due_days(browser: Client, *keys: str, value: str = "21") -> Job:
    return change(browser, keys, set_to(dueDays=value))


def page_of(browser: Client, job: Job, query: str = "") -> Page:
    answer = browser.get(f"/jobs/{job.pk}/{query}")
    assert answer.status_code == 200
    return read(answer, "plan-confirm")


def chips(browser: Client, job: Job) -> dict[str, str]:
    """The counters, by their words."""
    text = browser.get(f"/jobs/{job.pk}/").content.decode()
    return dict(re.findall(r'class="chip"[^>]*>([^<]+) <b>([\d,.]+)</b>', text))


def move(browser: Client, job: Job, do: str, *rows: int, show: str = "", htmx: bool = False) -> HttpResponse:
    posted = {"do": do, "row": [str(row) for row in rows], "show": show}
    return browser.post(f"/jobs/{job.pk}/rows/", posted, headers=HTMX if htmx else {})


def confirm(browser: Client, job: Job, **given: str) -> HttpResponse:
    """Sends the form as the page shows it, with these values."""
    return browser.post(f"/jobs/{job.pk}/confirm/", {**page_of(browser, job).fields, **given})
