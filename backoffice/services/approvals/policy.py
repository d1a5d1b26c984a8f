"""Which plans need a second person, and which a reason: the settings, applied to what would be written."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.conf import settings
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from backoffice.formats.words import integer
from backoffice.models import Approval, Forecast, Job, Step, StepState
from backoffice.resources import REGISTRY

DRAFT = "approval-"  # how the name begins under which a session keeps what an approver has begun to decide
FEWEST = 2  # records; a single edit needs no second person
_PORTION = 500


@dataclass(frozen=True)
class Cause:
    """Why a plan needs a second person. `code`: many (`rows` above `limit`) or sensitive (`entity`, `fields`)."""

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
        fields = REGISTRY[self.entity].by_name
        labels = ", ".join(str(fields[name].label) if name in fields else name for name in self.fields)
        return _("It touches fields that a second person has to agree to: %(fields)s") % {"fields": labels}


def rows_written(job: Job) -> int:
    """How many rows of a plan would be written."""
    return written(job).count()


def written(job: Job) -> QuerySet[Step]:
    """The steps that would write, as far as the preview can tell."""
    return Step.objects.filter(phase__job=job, state=StepState.PLANNED).exclude(forecast=Forecast.ALREADY)


def needed(job: Job) -> list[Cause]:
    """Why this plan needs a second person; nothing where it does not."""
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


def reason_required(job: Job) -> bool:
    """Whether whoever confirms this plan has to say why."""
    limit = settings.REASON_REQUIRED_ABOVE
    return limit is not None and rows_written(job) > limit


def causes_of(approval: Approval) -> list[Cause]:
    """Why it was asked for, by the policy of that time."""
    return [Cause(**{**cause, "fields": tuple(cause["fields"])}) for cause in approval.causes]
