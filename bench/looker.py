"""A process that has the records in its database: a full scan, and one changed record at a time."""

from __future__ import annotations

import os
import random
import time
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from statistics import median, quantiles
from typing import Any

import django

from backoffice.matching import record as matching_record
from bench.question import answer, question

CHANGES = 200
PORTION = 1000
NOWHERE = "http://127.0.0.1:9"


def main() -> None:
    asked = question()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backoffice.settings")
    # A database of its own, and no Flowtly: the scan takes the copy as it is.
    os.environ |= {"DATABASE_URL": asked["database"], "FLOWTLY_API_URL": NOWHERE, "FLOWTLY_API_TOKEN": "none"}
    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    _fill(Path(asked["records"]))
    began = time.perf_counter()
    found = _scan()
    scanned = time.perf_counter() - began
    took = _one_by_one()
    figures = {name: (median(seconds), quantiles(seconds, n=100)[98]) for name, seconds in took.items()}
    answer({"scan": scanned, "found": found} | figures)


def _fill(path: Path) -> None:
    """The index of clients, as if they had been read from Flowtly."""
    from django.utils import timezone

    from backoffice.models import Snapshot
    from backoffice.resources import PAGES
    from backoffice.services.index.rows import store

    now, every = timezone.now(), _clients(path)
    while portion := list(islice(every, PORTION)):
        store(PAGES["clients"], portion, generation=1, read_at=now)
    Snapshot.objects.update_or_create(entity="clients", defaults={"refreshed_at": now, "generation": 1})


def _clients(path: Path) -> Iterator[Any]:
    from backoffice.resources import PAGES, Record

    clients = PAGES["clients"]
    for each in matching_record.read(path):
        values = dict.fromkeys(clients.by_name) | {
            "name": each.name,
            "tin": each.tax_id,
            "country": f"/countries/{each.country}" if each.country else None,
            "addressStreetLine": each.street,
            "addressPostCode": each.post_code,
            "addressCity": each.city,
            "addressPhoneNumber": each.phone,
        }
        yield Record(resource=clients, key=each.id, iri=f"/clients/{each.id}", values=values)


def _scan() -> int:
    from backoffice.resources import PAGES
    from backoffice.services import duplicates

    scan = duplicates.ask(actor=None, resource=PAGES["clients"])
    duplicates.work()
    scan.refresh_from_db()
    assert scan.state == "done", scan.problem
    return scan.pairs


def _one_by_one() -> dict[str, list[float]]:
    """Seconds of each change: `pairs` finds its pairs; `whole` finds out which record changed, finds its pairs,
    keeps them and makes the groups anew; `form` is what the form for a new record asks, explanations included."""
    from django.utils import timezone

    from backoffice.resources import PAGES
    from backoffice.services import duplicates, index
    from backoffice.services.duplicates import keeping, likes

    clients = PAGES["clients"]
    every = index.Question(clients)
    total = index.total(every)
    under = duplicates.frozen(clients)
    pairs: list[float] = []
    form: list[float] = []
    whole: list[float] = []
    for place in random.Random(1).sample(range(total), min(CHANGES, total)):  # noqa: S311
        (record,) = index.page(every, start=place, size=1)
        key = record.key
        name = f"{record.values['name'][:-3]}e {record.values['name'][-3:]}"
        changed = replace(record, values={**record.values, "name": name})
        began = time.perf_counter()
        duplicates.like(clients, changed.values, leave_out=key)
        form.append(time.perf_counter() - began)
        index.put(changed, read_at=timezone.now())
        began = time.perf_counter()
        likes.pairs_of(under, [keeping.seen(held, digest, under.statistics) for held, digest in under.held([key])])
        pairs.append(time.perf_counter() - began)
        began = time.perf_counter()
        duplicates.look_again(clients)
        whole.append(time.perf_counter() - began)
    return {"pairs": pairs, "whole": whole, "form": form}


if __name__ == "__main__":
    main()
