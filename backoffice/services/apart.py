"""Which records people told apart, by the numbers that they have today."""

from __future__ import annotations

from collections.abc import Collection

from backoffice.models import Verdict
from backoffice.resources import Resource
from backoffice.services import mapping

Pair = tuple[str, str]


def told_apart(resource: Resource, keys: Collection[str]) -> dict[Pair, list[Verdict]]:
    """What holds and says of two of these records that they are not the same, oldest first, by pair.

    What was said of a record that was merged, or created again, is said of what stands for it today, whether the
    worker has carried it there by now or not.
    """
    now = mapping.moves() if mapping.concerns(resource) else {}
    wanted = {*keys, *(old for old, new in now.items() if new in keys)}
    found: dict[Pair, list[Verdict]] = {}
    said = Verdict.objects.telling_apart(resource.slug, wanted).select_related("by")
    for verdict in said.order_by("at", "pk"):
        one, other = sorted((now.get(verdict.a, verdict.a), now.get(verdict.b, verdict.b)))
        if one != other:
            found.setdefault((one, other), []).append(verdict)
    return found


def standing_for(verdicts: Collection[int]) -> set[int]:
    """These verdicts, and those that stand for them since a number changed."""
    found, fresh = set[int](), set(verdicts)
    while fresh:
        found |= fresh
        carried = Verdict.objects.filter(pk__in=fresh).values_list("carried_to", flat=True)
        fresh = {pk for pk in carried if pk} - found
    return found
