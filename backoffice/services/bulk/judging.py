"""What a plan would do to one record as it is now: pure judgement, no reading and no writing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as _  # kept in our table, read in each reader's language

from backoffice.formats import taxnumbers
from backoffice.models import Forecast, Outcome, StepState, Verb
from backoffice.resources import Kind, Record, Resource
from backoffice.resources.rules import tax_country
from backoffice.services.bulk.changes import problem_of
from backoffice.services.operations import redacted_plan

# What a forecast makes of a step before anything runs; the others are left to run.
SETTLED: Mapping[str, Outcome] = {
    Forecast.INVALID: Outcome.REJECTED,
    Forecast.NOT_PERMITTED: Outcome.REJECTED,
    Forecast.GONE: Outcome.GONE,
    Forecast.EDITED: Outcome.EXCLUDED,
}


@dataclass
class Draft:
    """One row of a plan that is being judged.

    `wanted`: what the touched fields are to hold. `seen`: what they held when the person looked, None where that
    is what is read now. `problems`: sentences by field ("" for the row). The rest is filled in by `judge`:
    `base` and `changes` as models.Step has them, `warnings` as `problems`, of what may be meant.
    """

    number: int
    verb: str
    key: str
    wanted: Mapping[str, Any] = field(default_factory=dict)
    seen: Mapping[str, Any] | None = None
    label: str = ""
    line: int | None = None
    problems: dict[str, str] = field(default_factory=dict)
    warnings: dict[str, str] = field(default_factory=dict)
    base: Mapping[str, Any] = field(default_factory=dict)
    forecast: str = Forecast.NONE

    @property
    def state(self) -> StepState:
        return StepState.DONE if self.forecast in SETTLED else StepState.PLANNED

    @property
    def outcome(self) -> Outcome:
        return SETTLED.get(self.forecast, Outcome.NONE)

    @property
    def error(self) -> dict[str, Any] | None:
        """As a refused step has it, with our own names of fields for paths."""
        if not self.problems:
            return None
        named = [[name, text] for name, text in self.problems.items() if name]
        return {"message": self.problems.get("", ""), "violations": named}

    @property
    def context(self) -> dict[str, Any]:
        """What a preview shows beside the values."""
        kept: dict[str, Any] = {"line": self.line, "warnings": self.warnings}
        if self.forecast == Forecast.EDITED:
            kept |= {"out": "edited", "seen": dict(self.seen or {})}
        return {name: value for name, value in kept.items() if value}


def judge_gone(draft: Draft) -> None:
    draft.forecast = Forecast.GONE
    draft.problems[""] = _("The record no longer exists in Flowtly.")


def judge_refused(draft: Draft, words: str) -> None:
    draft.forecast = Forecast.NOT_PERMITTED
    draft.problems[""] = words or _("The account that this back office uses may not do this in Flowtly.")


def judge_new(draft: Draft, resource: Resource, *, permitted: bool, countries: Mapping[str, str]) -> None:
    """A record that does not exist yet; `countries` are two letters by a country's IRI."""
    draft.label = draft.label or resource.label_of(draft.wanted)
    if not permitted:
        judge_refused(draft, _("You may change records but not create any."))
        return
    for item in resource.editable_fields:
        value = draft.wanted.get(item.name)
        if (value is not None or item.required) and (text := problem_of(item, None, value, creating=True)):
            draft.problems.setdefault(item.name, text)
    _doubt_tax_numbers(draft, resource, draft.wanted, countries)
    draft.forecast = Forecast.INVALID if draft.problems else Forecast.CREATE


def judge_deletion(draft: Draft, record: Record) -> None:
    """A record that is to go, where all that `seen` names is as it was."""
    draft.label, draft.base = record.label, dict(draft.seen or {})
    edited = _edited(draft, record)
    draft.forecast = Forecast.EDITED if edited else Forecast.DELETE
    if edited:
        draft.base = {name: record[name] for name in draft.base}


def judge(draft: Draft, record: Record, *, countries: Mapping[str, str]) -> None:
    """A record that is there: only touched fields are looked at."""
    fields = record.resource.by_name
    draft.label = record.label
    draft.base = {name: record[name] for name in draft.wanted}
    differing = [name for name in draft.wanted if not fields[name].same(record[name], draft.wanted[name])]
    for name in differing:
        if text := problem_of(fields[name], record[name], draft.wanted[name]):
            draft.problems.setdefault(name, text)
    if redacted_plan(draft.base, draft.wanted):
        judge_refused(draft, _("The values of this step were redacted, so nothing was sent to Flowtly."))
    elif draft.problems:
        draft.forecast = Forecast.INVALID
    elif not differing:
        draft.forecast = Forecast.ALREADY
    else:
        draft.forecast = Forecast.EDITED if _edited(draft, record) else Forecast.CHANGE
        touched = {name: draft.wanted[name] for name in differing}
        _doubt_tax_numbers(draft, record.resource, touched, countries, beside=record)


def _edited(draft: Draft, record: Record) -> bool:
    """Whether a touched field holds neither what the person saw nor what it is to hold."""
    fields = record.resource.by_name
    return any(
        name in fields
        and not fields[name].same(record[name], seen)
        and (draft.verb == Verb.DELETE or not fields[name].same(record[name], draft.wanted.get(name)))
        for name, seen in (draft.seen or {}).items()
    )


def _doubt_tax_numbers(
    draft: Draft,
    resource: Resource,
    touched: Mapping[str, Any],
    countries: Mapping[str, str],
    *,
    beside: Record | None = None,
) -> None:
    values = {**(beside.values if beside else {}), **draft.wanted}
    for name, value in touched.items():
        if resource.by_name[name].kind is Kind.TAX_ID and value:
            text = taxnumbers.check(str(value), tax_country(resource, values, countries))
            if text:
                draft.warnings[name] = text
