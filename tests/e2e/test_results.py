"""A job of many in the browser: watched, stopped, let go on; conflicts decided, failures tried again."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from .conftest import Hire
from .flowtly import Flowtly

pytestmark = pytest.mark.e2e


def clients(flowtly: Flowtly, number: int) -> list[str]:
    return [str(flowtly.has_client(dueDays=14)["id"]) for _client in range(number)]


def test_watched_stopped_and_let_go_on(hire: Hire, flowtly: Flowtly) -> None:
    clerk, keys = hire("steward"), clients(flowtly, 60)
    job = flowtly.colleague.plans(keys, "dueDays=41")
    flowtly.fails(kind="delay", seconds=1.0, path="/clients/*", times=None)
    flowtly.colleague.runs("jobs", "apply", job, "--reason", "New terms")
    clerk.opens(f"/jobs/{job}/")
    expect(clerk.page.locator("#job")).to_contain_text("in hand")  # the page asks by itself
    clerk.page.get_by_role("button", name="Stop after the current records").focus()
    clerk.presses("Enter")
    expect(clerk.page.locator("#ask-stop")).to_be_visible()
    clerk.page.get_by_role("button", name="Stop the job").focus()
    clerk.presses("Enter")
    expect(clerk.page.locator("#job")).to_contain_text("Stopped")
    expect(clerk.page.locator("#job")).not_to_contain_text("being finished")
    flowtly.recovers()
    assert 0 < sum(flowtly.client(key)["dueDays"] == 41 for key in keys) < 60
    clerk.clicks("Go on")
    expect(clerk.page.locator("#job")).to_contain_text("60 of 60 done", timeout=60_000)
    assert all(flowtly.client(key)["dueDays"] == 41 for key in keys)
    assert all(len(flowtly.writes(f"/clients/{key}")) == 1 for key in keys)


def test_conflicts_are_decided_and_failures_tried_again(hire: Hire, flowtly: Flowtly) -> None:
    clerk, keys = hire("steward"), clients(flowtly, 4)
    job = flowtly.colleague.plans(keys, "dueDays=42")
    flowtly.changes_meanwhile(keys[0], dueDays=70)
    flowtly.changes_meanwhile(keys[1], dueDays=71)
    flowtly.fails(status=422, method="PATCH", path=f"/clients/{keys[2]}", detail="Not today.", times=1)
    flowtly.colleague.runs("jobs", "apply", job, "--inline", "--reason", "New terms")
    clerk.opens(f"/jobs/{job}/")
    expect(clerk.page.locator("#job")).to_contain_text("1 of 4 done")
    expect(clerk.page.locator("#job")).to_contain_text("Not today.")
    clerk.page.get_by_role("link", name="Decide about them").click()
    clerk.page.get_by_label("Keep theirs").first.check()
    clerk.page.get_by_label("Use ours").last.check()
    clerk.clicks("Decide as chosen")
    clerk.page.wait_for_url("**/jobs/*/")
    assert job not in clerk.page.url  # the new plan, with its preview
    clerk.reads("71")
    assert flowtly.client(keys[1])["dueDays"] == 71  # nothing is written before it is confirmed
    clerk.opens(f"/jobs/{job}/")
    clerk.clicks("Try this one again")
    clerk.page.wait_for_url("**/jobs/*/")
    again = clerk.page.url.strip("/").rpartition("/")[2]
    assert again != job
    flowtly.colleague.runs("jobs", "apply", again, "--inline", "--reason", "Once more")
    clerk.opens(f"/jobs/{again}/")
    expect(clerk.page.locator("#job")).to_contain_text("1 of 1 done")
    assert [flowtly.client(key)["dueDays"] for key in keys] == [70, 71, 42, 42]
