"""Look, and write nothing: whether records are as a plan knows them, before its first write and after its last.

What a step looks for stands in its context as "expects". "same": the fields of `base` hold that, and the whole
record is kept as `after`. "absent": the record is gone. "uses": exactly the clients of `context["uses"]` ({address
of a counterparty: [keys]}) name those counterparties. "unused": no client names any of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext_noop as _

from backoffice.flowtly import errors
from backoffice.models import Outcome, Step
from backoffice.services.operations.base import Ready, Result, StepPlan, gone, resource_of, unavailable
from backoffice.services.operations.merge import read_there
from backoffice.services.operations.uses import clients_naming

_STILL_THERE = _("The record is still in Flowtly.")
_OTHERS = _("Other clients name these records now than when the plan was made.")
_LEFT = _("Clients still name a record that is gone.")
_UNTELLABLE = _("The clients do not say any more which record they name.")
_EDITED = _("The record is not as it was when the plan was made.")


class Compare:
    def check(self, step: Step) -> Ready | Result:
        looks = {"same": _same, "absent": _absent, "uses": _uses, "unused": _unused}
        try:
            return looks[step.context["expects"]](step)
        except errors.FlowtlyError as error:
            return unavailable(error)

    def write(self, step: Step) -> Result:
        raise NotImplementedError("a look writes nothing")

    def settle(self, step: Step, *, final: bool) -> Result | None:
        """Nothing was sent, so nothing can be in doubt: it is looked at again."""
        found = self.check(step)
        return found if isinstance(found, Result) else None

    def inverse(self, step: Step) -> StepPlan | None:
        """None: nothing was written."""
        return None


def _same(step: Step) -> Result:
    record = read_there(resource_of(step), step.key, request_id=step.request_id)
    if record is None:
        return gone()
    fields = record.resource.by_name
    theirs = {name: record[name] for name, seen in step.base.items() if not fields[name].same(record[name], seen)}
    after, kept = dict(record.values), {"other": dict(record.other), "iri": record.iri}
    if not theirs:
        return Result(Outcome.ALREADY, after=after, label=record.label, context=kept)
    clashes = {name: {"base": step.base.get(name), "theirs": now, "yours": None} for name, now in theirs.items()}
    error = {"message": _EDITED, "fields": clashes}
    return Result(Outcome.CONFLICT, after=after, error=error, label=record.label, context=kept)


def _absent(step: Step) -> Result:
    if read_there(resource_of(step), step.key, request_id=step.request_id) is None:
        return Result(Outcome.ALREADY)
    return _not_so(_STILL_THERE)


def _uses(step: Step) -> Result:
    expected: Mapping[str, list[str]] = step.context["uses"]
    found = clients_naming(list(expected))
    if not found.known:
        return _not_so(_UNTELLABLE, Outcome.CONFLICT)
    new = {iri: sorted(set(found.keys(iri)) - set(keys)) for iri, keys in expected.items()}
    away = {iri: sorted(set(keys) - set(found.keys(iri))) for iri, keys in expected.items()}
    if not any(new.values()) and not any(away.values()):
        return Result(Outcome.ALREADY)
    return _not_so(_OTHERS, Outcome.CONFLICT, new=new, away=away)


def _unused(step: Step) -> Result:
    found = clients_naming(list(step.context["uses"]))
    left = {iri: found.keys(iri) for iri in step.context["uses"]} if found.known else {}
    if any(left.values()):
        return _not_so(_LEFT, left=left)
    return Result(Outcome.ALREADY)


def _not_so(message: str, outcome: Outcome = Outcome.NOT_WRITTEN, **kept: Any) -> Result:
    return Result(outcome, error={"message": message, "violations": []}, context=kept)
