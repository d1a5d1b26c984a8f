"""How sure the matching is that the records of a merge are one; nobody who composes a merge is asked."""

from __future__ import annotations

from collections.abc import Collection

from backoffice.matching.weights import HUNDRED
from backoffice.models import Likeness
from backoffice.resources import PAGES
from backoffice.services.duplicates.said import Joined


def sureness(keys: Collection[str]) -> float | None:
    """The log-odds of the least sure pair without which these counterparties would not hang together.

    That is the weakest link of the strongest chains: what is joined by sure pairs does not become less sure by an
    unsure one beside them. None where not all of them are joined by pairs that were found.
    """
    likes = Likeness.objects.filter(entity=PAGES["counterparties"].slug, a__in=keys, b__in=keys)
    found = list(likes.order_by("-score").values_list("a", "b", "score"))
    for taken, (_a, _b, score) in enumerate(found, start=1):
        if Joined((a, b) for a, b, _score in found[:taken]).together(*keys):
            return score / HUNDRED
    return None
