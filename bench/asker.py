"""A process with 100,000 clients in its index and in a local table, which asks both lists the same questions."""

from __future__ import annotations

import os
import random
import time
from typing import Any

from bench.addresses import LIST, STOCK_ADMIN
from bench.figures import CannotMeasure
from bench.question import answer, question

WARM_UP = 2
# Questions that Flowtly's own list cannot answer, as each of the two lists is asked them.
QUESTIONS = {
    "sorted by tax number": ("&sort=tin", "o=5"),
    "one tax number type, sorted backwards": ("&tinType={type}&sort=-tin", "tin_type__exact={type}&o=-5"),
    "sorted by two columns": ("&sort=tinType,-tin,name", "o=5.-1"),
    "a part of a tax number": ("&q={number}", "q={number}"),
    "a page in the middle": ("&sort=tin&page={middle}", "o=5&p={middle}"),
}


def main() -> None:
    asked = question()
    folder = os.environ["BACKOFFICE_DATA_DIR"]
    os.environ.update(
        FLOWTLY_API_URL=asked["url"],
        FLOWTLY_API_TOKEN=asked["token"],
        DATABASE_URL=f"sqlite:///{folder}/large.sqlite3",
    )
    from django.core.wsgi import get_wsgi_application

    application = get_wsgi_application()
    from django.core.management import call_command

    from bench import prepare
    from bench.walker import peak

    call_command("migrate", run_syncdb=True, interactive=False, verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    first, again = _read(), _read()
    highest = peak()
    prepare.fill()
    cookie = prepare.signed_in()
    values = _values(asked["clients"])
    times: dict[str, dict[str, list[float]]] = {"ours": {}, "admin": {}}
    for run in range(WARM_UP + asked["runs"]):
        for name in random.sample(list(QUESTIONS), len(QUESTIONS)):
            ours, admin = (part.format(**values) for part in QUESTIONS[name])
            pair = [
                ("ours", LIST.path + ours, LIST.mark),
                ("admin", f"{STOCK_ADMIN.path}?{admin}", STOCK_ADMIN.mark),
            ]
            for whose, path, mark in random.sample(pair, 2):
                spent = _ask(application, path, cookie, mark)
                if run >= WARM_UP:
                    times[whose].setdefault(name, []).append(spent)
    answer({**times, "first": first, "again": again, "peak": highest, "indexed": _indexed()})


def _read() -> float:
    from backoffice.resources import PAGES
    from backoffice.services import index

    began = time.perf_counter()
    for slug in ("counterparties", "clients"):
        if not index.refresh(PAGES[slug]):
            raise CannotMeasure(f"the index of {slug} could not be read")
    return time.perf_counter() - began


def _indexed() -> int:
    from backoffice.resources import PAGES
    from backoffice.services import index

    return index.total(index.Question(PAGES["clients"]))


def _values(clients: int) -> dict[str, Any]:
    """What the questions are asked about: values that some of the clients have."""
    from bench.local.models import Client

    sample = Client._default_manager.exclude(tin="").order_by("pk").first()
    assert sample is not None
    return {"type": sample.tin_type, "number": sample.tin[:6], "middle": max(1, clients // 200)}


def _ask(application: Any, path: str, cookie: str, mark: str) -> float:
    """Milliseconds of one page, which must have rows and must not have asked Flowtly."""
    from bench.timer import environ_of, response_of

    environ = environ_of(path, cookie)
    began = time.perf_counter()
    status, body = response_of(application, environ)
    spent = time.perf_counter() - began
    copied = b"list-age" in body or not path.startswith(LIST.path)
    if status != "200 OK" or mark.encode() not in body or not copied:
        raise CannotMeasure(f"{path}: {status}, from the copy: {copied}\n{body[:500]!r}")
    return spent * 1000


if __name__ == "__main__":
    main()
