"""Duplicates that a plan would create: two records with one tax number."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _

from backoffice.models import Forecast
from backoffice.resources import Field, Kind, Resource
from backoffice.resources.criteria import Criterion, Operator
from backoffice.services import index
from backoffice.services.bulk.judging import Draft
from backoffice.services.index import Question


class Twins:
    """Warns of a number that another row of the plan is to get, or another record has as our copy knows it."""

    def __init__(self, resource: Resource) -> None:
        self._resource = resource
        self._fields = [item for item in resource.fields if item.kind is Kind.TAX_ID]
        self._given: dict[tuple[str, str], str] = {}

    def warn(self, drafts: Sequence[Draft]) -> None:
        for item in self._fields:
            touching = [draft for draft in drafts if self._touches(draft, item)]
            holders = self._holders(item, [str(draft.wanted[item.name]) for draft in touching])
            for draft in touching:
                number = str(draft.wanted[item.name])
                other = self._given.setdefault((item.name, number), draft.label)
                others = [label for key, label in holders.get(number, ()) if key != draft.key]
                if other != draft.label:
                    others.append(other)
                if others:
                    text = _("%(name)s has this number, too.") % {"name": others[0]}
                    draft.warnings[item.name] = f"{draft.warnings.get(item.name, '')} {text}".strip()

    def _touches(self, draft: Draft, item: Field) -> bool:
        new = draft.wanted.get(item.name)
        changes = draft.forecast in (Forecast.CHANGE, Forecast.CREATE, Forecast.EDITED)
        return changes and bool(new) and not item.same(draft.base.get(item.name), new)

    def _holders(self, item: Field, numbers: Iterable[str]) -> dict[str, list[tuple[str, str]]]:
        """Key and label of the records that hold each of these numbers, where the copy can tell."""
        wanted = tuple(dict.fromkeys(numbers))
        question = Question(self._resource, criteria=(Criterion(item.name, Operator.IS, wanted),))
        found: dict[str, list[tuple[str, str]]] = {}
        if wanted and index.can_answer(question):
            for record in index.every(question):
                value: Any = record[item.name]
                found.setdefault(str(value), []).append((record.key, record.label))
        return found
