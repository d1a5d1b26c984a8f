"""Which plans need a second person, and which a reason: the settings, applied to what would be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice.formats.words import integer
from backoffice.models import Approval, Forecast, Job, Step, StepState, Verb
from backoffice.resources import REGISTRY

DRAFT = "approval-"  # how the name begins under which a session keeps what an approver has begun to decide
_OF_MERGES = ("merge", "clients", "score")
FEWEST = 2  # records; a single edit needs no second person
_PORTION = 500


@dataclass(frozen=True)
class Cause:
    """Why a plan needs a second person.

    `code`: many (`rows` above `limit`), sensitive (`entity`, `fields`); of a merge: merge (each one), clients
    (`rows`, more than `limit`; below 0 where nobody knows how many) or score (below what is asked for).
    """

    code: str
    rows: int = 0
    limit: int = 0
    entity: str = ""
    fields: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """A sentence without its full stop."""
        if self.code == "many":
            words = _("It changes %(rows)s records; above %(limit)s a second person has to agree")
            return words % {"rows": integer(self.rows), "limit": integer(self.limit)}
        if self.code in _OF_MERGES:
            return _of_merge(self)
        fields = REGISTRY[self.entity].by_name
        labels = ", ".join(str(fields[name].label) if name in fields else name for name in self.fields)
        return _("It touches fields that a second person has to agree to: %(fields)s") % {"fields": labels}


def rows_written(job: Job) -> int:
    """How many rows of a plan would be written."""
    return written(job).count()


def written(job: Job) -> QuerySet[Step]:
    """The steps that would write, as far as the preview can tell."""
    planned = Step.objects.filter(phase__job=job, state=StepState.PLANNED).exclude(forecast=Forecast.ALREADY)
    return planned.exclude(verb=Verb.COMPARE)


def needed(job: Job) -> list[Cause]:
    """Why this plan needs a second person; nothing where it does not."""
    if job.kind == "merge":
        return list(_merging(job))
    rows, limit = rows_written(job), settings.APPROVAL_REQUIRED_ABOVE
    if rows < FEWEST:
        return []
    found = [Cause("many", rows=rows, limit=limit)] if limit is not None and rows > limit else []
    return [*found, *_sensitive(job)] if settings.APPROVAL_SENSITIVE else found


def _sensitive(job: Job) -> Iterator[Cause]:
    touched: dict[str, set[str]] = {}
    for entity, changes in written(job).values_list("entity", "changes").iterator(chunk_size=_PORTION):
        touched.setdefault(entity, set()).update(changes)
    for entity, names in touched.items():
        fields = tuple(item.name for item in REGISTRY[entity].fields if item.sensitive and item.name in names)
        if fields:
            yield Cause("sensitive", entity=entity, fields=fields)


def _merging(job: Job) -> Iterator[Cause]:
    """By MERGE_APPROVAL; what nobody knows counts as too much."""
    policy, clients, score = settings.MERGE_APPROVAL, job.spec.get("clients"), job.spec.get("score")
    if policy.always:
        yield Cause("merge")
    if policy.clients is not None and (clients is None or clients > policy.clients):
        yield Cause("clients", rows=-1 if clients is None else clients, limit=policy.clients)
    if policy.score is not None and (score is None or score < policy.score):
        yield Cause("score")


def _of_merge(cause: Cause) -> str:
    if cause.code == "merge":
        return _("A second person has to agree to each merge")
    if cause.code == "score":
        return _("It is not sure enough that the records are the same")
    if cause.rows < 0:
        return _("It is not known how many clients it touches")
    words = _("It moves %(rows)s clients; above %(limit)s a second person has to agree")
    return words % {"rows": integer(cause.rows), "limit": integer(cause.limit)}


def reason_required(job: Job) -> bool:
    """Whether whoever confirms this plan has to say why."""
    limit = settings.REASON_REQUIRED_ABOVE
    return limit is not None and rows_written(job) > limit


def causes_of(approval: Approval) -> list[Cause]:
    """Why it was asked for, by the policy of that time."""
    return [Cause(**{**cause, "fields": tuple(cause["fields"])}) for cause in approval.causes]
