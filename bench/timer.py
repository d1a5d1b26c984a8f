"""A process that renders the clients list and the changelists in turn, and times each.

Requests go through the WSGI application with all its middleware, one after the other in one thread. What the API
took is measured around each of its answers by the client's own observer.
"""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

from django.core.wsgi import get_wsgi_application

from bench.addresses import ADMIN, LIST, ROWS, STOCK_ADMIN
from bench.figures import CannotMeasure
from bench.question import answer, question

WARM_UP = 8  # of each page: templates, look-ups and labels are there afterwards
PAGES = {"list": LIST, "admin": ADMIN, "stock": STOCK_ADMIN}


@dataclass
class Upstream:
    """What the API took, summed up until it is asked for."""

    seconds: float = 0.0
    count: int = 0

    def note(self, exchange: Any) -> None:
        self.seconds += exchange.seconds
        self.count += 1

    def taken(self) -> tuple[float, int]:
        found = self.seconds, self.count
        self.seconds, self.count = 0.0, 0
        return found


@dataclass
class Times:
    """Milliseconds, one of each for each run."""

    wall: list[float] = field(default_factory=list)
    upstream: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)


def main() -> None:
    asked = question()
    upstream = Upstream()
    application = get_wsgi_application()
    times = {name: Times() for name in PAGES}
    with mock.patch("backoffice.services.pulse.observe", upstream.note):
        _learn_names()
        for number in range(WARM_UP + asked["runs"]):
            for name in random.sample(list(PAGES), len(PAGES)):
                kept = times[name] if number >= WARM_UP else None
                _once(application, name, asked["cookie"], upstream, kept)
    answer({name: vars(found) for name, found in times.items()})


def _learn_names() -> None:
    """As after the first visit: the names of the counterparties are known."""
    from backoffice.resources.clients import CLIENTS
    from backoffice.services import reading

    page = reading.list_records(resource=CLIENTS, query=reading.ListQuery(size=ROWS))
    reading.fill_names(slug="counterparties", iris=[str(each["defaultCost"] or "") for each in page.records])


def _once(application: Any, name: str, cookie: str, upstream: Upstream, times: Times | None) -> None:
    page = PAGES[name]
    environ = environ_of(page.path, cookie)
    upstream.taken()
    processor, began = time.thread_time(), time.perf_counter()
    status, body = response_of(application, environ)
    wall, processor = time.perf_counter() - began, time.thread_time() - processor
    seconds, count = upstream.taken()
    if times is None:
        return
    found = (status, body.count(page.mark.encode()), count)
    if found != ("200 OK", ROWS, page.upstream):
        raise CannotMeasure(f"{page.path}: status, rows and requests to the API were {found}\n{body[:500]!r}")
    times.wall.append(wall * 1000)
    times.upstream.append(seconds * 1000)
    times.processor.append(processor * 1000)


def environ_of(path: str, cookie: str) -> dict[str, Any]:
    from django.test import RequestFactory

    environ: dict[str, Any] = RequestFactory().get(path, headers={"cookie": cookie}).environ
    return environ


def response_of(application: Any, environ: dict[str, Any]) -> tuple[str, bytes]:
    """Status and whole body; `close` ends the request as a server does."""
    statuses: list[str] = []
    response = application(environ, lambda status, headers, *_: statuses.append(status))
    try:
        body = b"".join(response)
    finally:
        response.close()
    return statuses[0], body


if __name__ == "__main__":
    main()
