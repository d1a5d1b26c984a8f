"""Notices: written for each person, read by that person alone."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from backoffice.models import Job, JobState, Mail, Notice, NoticeKind, Step, User, Verb

_FEW = 20  # steps that a page shows whole; whoever saved so few waited for them
_LATELY = timedelta(days=2)  # what ended before is no news


def tell(
    *,
    users: Iterable[User],
    job: Job,
    kind: NoticeKind,
    by: User | None = None,
    facts: Mapping[str, int] | None = None,
) -> int:
    """One notice for each person, to be sent by mail as well where that is configured; returns how many."""
    people = {user.pk: user for user in users}
    rows = [
        Notice(user=user, job=job, kind=kind, by=by, facts=dict(facts or {}), mail=_mail(user), mail_at=_now())
        for user in people.values()
    ]
    # Of an end one is told once, whoever notices it first.
    Notice.objects.bulk_create(rows, batch_size=500, ignore_conflicts=kind == NoticeKind.ENDED)
    return len(rows)


_now = timezone.now


def _mail(user: User) -> Mail:
    return Mail.DUE if settings.NOTICES_BY_MAIL and user.email and user.is_active else Mail.NONE


def settle(*, job: Job, kind: NoticeKind) -> None:
    """What these notices asked for was done, by somebody: nobody has to read them any more, nor gets the mail."""
    rows = Notice.objects.filter(job=job, kind=kind, settled_at=None)
    rows.filter(read_at=None).update(read_at=_now())
    rows.update(settled_at=_now())


def unread(user: User) -> int:
    return Notice.objects.filter(user=user, read_at=None).count()


def listed(user: User) -> QuerySet[Notice]:
    """What this person was told, newest first."""
    return Notice.objects.filter(user=user).select_related("job", "by")


def mark_read(*, user: User, job: Job) -> None:
    """This person saw the job. Looking first costs no write lock, and pages of running jobs look each second."""
    rows = Notice.objects.filter(user=user, job=job, read_at=None)
    if rows.exists():
        rows.update(read_at=_now())


def mark_all_read(user: User) -> int:
    return Notice.objects.filter(user=user, read_at=None).update(read_at=_now())


# The end of a job


def ended_untold() -> QuerySet[Job]:
    """Jobs about many records that ended lately and whose author was not told yet."""
    told = Notice.objects.filter(kind=NoticeKind.ENDED).values("job")
    steps = Step.objects.filter(phase__job=OuterRef("pk"))
    planned = Q(previewed_at__isnull=False) & Exists(steps.filter(number__gt=1))
    many = planned | Exists(steps.filter(number__gt=_FEW)) | Exists(steps.filter(verb=Verb.CALL, key=""))
    ended = Job.objects.filter(state__in=(JobState.DONE, JobState.FAILED), finished_at__gte=_now() - _LATELY)
    return ended.filter(many).exclude(pk__in=told).select_related("actor").order_by("finished_at")


def tell_ended(*, job: Job, facts: Mapping[str, int]) -> None:
    """Tell the author that a job is done; harmless where it was told already."""
    tell(users=[job.actor], job=job, kind=NoticeKind.ENDED, facts=facts)
