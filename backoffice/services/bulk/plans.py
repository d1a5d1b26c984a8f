"""Making plans of many: from one change for all that are selected, or from a row of values for each record."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from backoffice.models import Job, Selection, User, Verb
from backoffice.resources import Resource
from backoffice.services import jobs, selections
from backoffice.services.bulk.changes import FieldChange
from backoffice.services.bulk.preparing import KIND, prepare_if_short
from backoffice.services.operations import StepPlan


class NothingChosen(ValueError):
    """A plan without a record, or without a change."""


@dataclass(frozen=True)
class Row:
    """One record whose new values are known beforehand, as from a sheet or the grid.

    `key`: "" for a new record. `changes`: touched fields alone, by name. `base`: what those held when the person
    saw them, None where that is what the preview reads. `line`: of the sheet. `problems`: sentences by name of the
    field, "" for the whole row; such a row is previewed as not valid. `warnings`: likewise, of what may be meant.
    """

    key: str
    changes: Mapping[str, Any]
    base: Mapping[str, Any] | None = None
    label: str = ""
    line: int | None = None
    problems: Mapping[str, str] = field(default_factory=dict)
    warnings: Mapping[str, str] = field(default_factory=dict)

    def plan(self, slug: str) -> StepPlan:
        context = {
            "line": self.line,
            "seen": self.base,
            "given": dict(self.problems),
            "doubts": dict(self.warnings),
        }
        return StepPlan(
            verb=Verb.UPDATE if self.key else Verb.CREATE,
            entity=slug,
            key=self.key,
            label=self.label,
            base=dict(self.base or {}),
            changes=dict(self.changes),
            context={name: value for name, value in context.items() if value or value == {}},
        )


def plan_change(
    *,
    actor: User,
    resource: Resource,
    selection: Selection,
    changes: Sequence[FieldChange],
    nonce: str,
    request_id: str,
    reason: str = "",
) -> Job:
    """The same change for each record of a frozen selection; a second call with the same nonce finds the first.

    Previewed at once where that takes few requests, else by the worker. Raises NothingChosen, RedactedPlan.
    """
    plans = [
        StepPlan(verb=Verb.UPDATE, entity=resource.slug, key=each.key, label=each.label)
        for each in selections.selected(selection)
    ]
    if not plans or not changes:
        raise NothingChosen
    spec = {
        "scope": _named(selection),
        "source": {"kind": "selection", "query": selection.query, "selection": str(selection.pk)},
        "changes": [change.kept() for change in changes],
    }
    return store(
        actor=actor,
        resource=resource,
        plans=plans,
        spec=spec,
        nonce=nonce,
        request_id=request_id,
        reason=reason,
    )


def _named(selection: Selection) -> str:
    """What was selected, in words, under the name that somebody gave it."""
    if selection.name and selection.scope:
        return f"{selection.name} ({selection.scope})"
    return selection.name or selection.scope


def plan_rows(
    *,
    actor: User,
    resource: Resource,
    rows: Iterable[Row],
    scope: str,
    source: Mapping[str, Any],
    nonce: str,
    request_id: str,
    reason: str = "",
) -> Job:
    """Values of their own for each record. `source` says where they come from: {"kind": "sheet" or "grid", ...}.

    Otherwise as `plan_change`.
    """
    plans = [row.plan(resource.slug) for row in rows]
    if not plans:
        raise NothingChosen
    return store(
        actor=actor,
        resource=resource,
        plans=plans,
        spec={"scope": scope, "source": dict(source)},
        nonce=nonce,
        request_id=request_id,
        reason=reason,
    )


def store(
    *,
    actor: User,
    resource: Resource,
    plans: Sequence[StepPlan],
    spec: Mapping[str, Any],
    nonce: str,
    request_id: str,
    reason: str = "",
    undo_of: Job | None = None,
    made_from: Job | None = None,
) -> Job:
    """Keep a plan of many and preview it; the job that the nonce made before, where it did."""
    job, made = jobs.store(
        actor=actor,
        kind=KIND,
        entity=resource.slug,
        title=jobs.counted(resource, len(plans)),
        nonce=nonce,
        phases={"apply": plans},
        request_id=request_id,
        reason=reason,
        undo_of=undo_of,
        made_from=made_from,
        spec={**spec, "rows": len(plans)},
    )
    return prepare_if_short(job) if made else job
