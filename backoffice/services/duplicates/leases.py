"""Who has a group in hand: so that two people do not decide about one at a time."""

from __future__ import annotations

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from backoffice.models import DuplicateGroup, User

LEASE = timedelta(minutes=5)


def take(actor: User, group: DuplicateGroup) -> bool:
    """Have a group in hand for some minutes, or for some minutes more; False where somebody else has it."""
    now = timezone.now()
    free = Q(holder=None) | Q(holder=actor) | Q(held_until=None) | Q(held_until__lte=now)
    rows = DuplicateGroup.objects.filter(free, pk=group.pk)
    if not rows.update(holder=actor, held_until=now + LEASE):
        return False
    group.holder, group.held_until = actor, now + LEASE
    return True


renew = take


def release(actor: User, group: DuplicateGroup) -> None:
    DuplicateGroup.objects.filter(pk=group.pk, holder=actor).update(holder=None, held_until=None)


def held_by_others(actor: User) -> Q:
    return Q(held_until__gt=timezone.now()) & ~Q(holder=actor) & Q(holder__isnull=False)


def other(group: DuplicateGroup, actor: User) -> User | None:
    """Whoever else has it in hand."""
    held = holder(group)
    return held if held is not None and held != actor else None


def holder(group: DuplicateGroup) -> User | None:
    if group.holder is None or group.held_until is None or group.held_until <= timezone.now():
        return None
    return group.holder
