"""One real back office for all journeys: supervisor, sandbox, worker, gunicorn, and a headless Chromium.

The fixtures live as long as this package's tests: Playwright keeps an event loop in the thread, beside which
Django refuses to use its ORM. No journey uses the ORM; what they look at is the page and the sandbox.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.chromium import give_time, launched
from tests.frontdoor import FrontDoor, kill

from .clerk import WIDE, Clerk
from .colleague import Colleague
from .flowtly import Flowtly

_SANDBOX = re.compile(r"Sandbox Flowtly \(\w+\): (\S+) token (\S+)")


@dataclass(frozen=True)
class Office:
    url: str
    flowtly: Flowtly
    door: FrontDoor


@pytest.fixture(scope="package")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    command = [sys.executable, "-m", "tools.serve"]
    door = FrontDoor(tmp_path_factory.mktemp("office"), command, FLOWTLY_SETTLE_SECONDS="0.5")
    try:
        url = door.ready()
        found = door.finds(_SANDBOX)
        flowtly = Flowtly(found[1], found[2], Colleague(door, found[1], found[2]))
        yield Office(url, flowtly, door)
        flowtly.close()
    finally:
        if door.process.poll() is None:
            door.stop()


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with launched() as opened:
        yield opened


@pytest.fixture(scope="package")
def seats(browser: Browser, office: Office) -> dict[str, Any]:
    """The cookies of each role that has signed in."""
    return {}


Hire = Callable[..., Clerk]


@pytest.fixture
def hire(browser: Browser, office: Office, seats: dict[str, Any]) -> Iterator[Hire]:
    """Seats clerks; a page that logged an error or broke its content policy fails the test.

    `hire("editor")` is signed in, `hire()` is not. `script=False` switches JavaScript off; other options are
    those of a browser context.
    """
    clerks: list[Clerk] = []

    def seat(role: str = "", *, script: bool = True, **options: Any) -> Clerk:
        options = {"viewport": WIDE, "reduced_motion": "reduce", **options}
        if role:
            options["storage_state"] = seats.get(role) or _sign_in(browser, office, seats, role)
        context = browser.new_context(
            base_url=office.url, java_script_enabled=script, locale="en-GB", service_workers="block", **options
        )
        give_time(context)
        clerks.append(Clerk(context))
        return clerks[-1]

    yield seat
    complaints = [each for clerk in clerks for each in clerk.complaints]
    for clerk in clerks:
        clerk.context.close()
    assert complaints == []


def _sign_in(browser: Browser, office: Office, seats: dict[str, Any], role: str) -> Any:
    """By the button that a demo offers; the cookies serve every later window of this role."""
    context = browser.new_context(base_url=office.url)
    give_time(context)
    clerk = Clerk(context)
    clerk.opens("/login/")
    clerk.signs_in_as(role)
    clerk.is_at("/")
    seats[role] = context.storage_state()
    context.close()
    return seats[role]


@pytest.fixture
def flowtly(office: Office) -> Iterator[Flowtly]:
    """The sandbox, without faults before and after."""
    office.flowtly.recovers()
    yield office.flowtly
    office.flowtly.recovers()


@pytest.fixture
def worker_dies(office: Office) -> Callable[[], None]:
    """Kills the worker in the middle of whatever it does; the supervisor starts another."""

    def die() -> None:
        (worker,) = office.door.processes("manage.py\0worker")
        kill(worker)
        office.door.wait_for(
            lambda: office.door.processes("manage.py\0worker") not in ([], [worker]), "another worker"
        )

    return die
