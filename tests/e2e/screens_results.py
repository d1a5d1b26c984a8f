"""More screens: jobs of many while they run, what became of them, and what people decide then."""

from __future__ import annotations

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly
from .screens import LONG_NAME, screen

_TERMS = f"invoiceComment={'x' * 80} <b>terms</b>"


def a_result(flowtly: Flowtly) -> str:
    """A job of three rows: one changed, one edited by others since the preview, one refused."""
    rows = [flowtly.has_client(name=f"{LONG_NAME}{number}", dueDays=14) for number in range(3)]
    keys = [str(row["id"]) for row in rows]
    job = flowtly.colleague.plans(keys, "dueDays=21", _TERMS)
    flowtly.changes_meanwhile(keys[0], dueDays=77, invoiceComment="y" * 90)
    flowtly.fails(status=422, method="PATCH", path=f"/clients/{keys[1]}", detail="No more than 14.", times=1)
    flowtly.colleague.runs("jobs", "apply", job, "--inline", "--reason", "New terms")
    return job


@screen(role="steward")
def result_of_many(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/jobs/{a_result(flowtly)}/")
    clerk.reads("1 of 3 done")
    expect(clerk.page.get_by_role("button", name="Try this one again")).to_be_visible()


@screen(role="steward")
def conflicts_of_many(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/jobs/{a_result(flowtly)}/conflicts/")
    clerk.reads("1 record is open.")


@screen(role="steward")
def conflicts_of_many_decided(clerk: Clerk, flowtly: Flowtly) -> None:
    conflicts_of_many(clerk, flowtly)
    clerk.clicks("Keep theirs for the 1 open one")
    clerk.reads("1 record stays as others wrote it.")


@screen(role="steward")
def undo_of_many(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/jobs/{a_result(flowtly)}/undo/")
    expect(clerk.page.get_by_role("button", name="Preview the undo")).to_be_visible()


@screen(role="steward")
def job_of_many_paused(clerk: Clerk, flowtly: Flowtly) -> None:
    flowtly.fails(status=503, method="PATCH", path="/clients/*", times=None)
    keys = [str(flowtly.has_client(name=f"{LONG_NAME}{number}")["id"]) for number in range(3)]
    job = flowtly.colleague.plans(keys, "dueDays=21")
    flowtly.colleague.runs("jobs", "apply", job, "--reason", "New terms")
    flowtly.colleague.runs("jobs", "pause", job)
    clerk.opens(f"/jobs/{job}/")
