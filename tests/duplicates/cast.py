"""What the tests of duplicates have in common."""

from __future__ import annotations

from backoffice import matching
from backoffice.models import Likeness, Scan, User
from backoffice.resources import PAGES, Resource
from backoffice.services import duplicates

COUNTERPARTIES, CLIENTS = PAGES["counterparties"], PAGES["clients"]
Found = dict[tuple[str, str], tuple[int, str]]


def scanned(resource: Resource, actor: User | None) -> Scan:
    """A full scan that was asked for and made."""
    scan = duplicates.ask(actor=actor, resource=resource)
    duplicates.work()
    scan.refresh_from_db()
    assert scan.state == "done", scan.problem
    return scan


def kept(resource: Resource) -> Found:
    """What the tables say: the pairs with score and tier."""
    rows = Likeness.objects.filter(entity=resource.slug).values_list("a", "b", "score", "tier")
    return {(a, b): (score, tier) for a, b, score, tier in rows}


def found_by_all(resource: Resource, statistics: matching.Statistics | None = None) -> Found:
    """What comparing all records of the index says, here and now."""
    under = duplicates.frozen(resource)
    found = matching.scan((record for record, _digest in under.held()), statistics=statistics)
    return {(pair.a, pair.b): (pair.score, pair.tier) for pair in found.pairs}
