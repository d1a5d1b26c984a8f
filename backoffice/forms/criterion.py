"""One filter more: which field, how, and what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.forms.listing import criterion_of
from backoffice.resources import Children, Kind, Resource
from backoffice.resources.criteria import Criterion, Operator, operators_of

# Parameters of the form; the others in its address are those of the list.
ADD, HOW, WHAT, GO = "add", "how", "what", "go"
FILLED = "filled"  # "is not empty" is a choice of its own


@dataclass
class CriterionForm:
    """What the form holds: `name` and `how` are "" until they are chosen; `criterion` once all of it is fine."""

    resource: Resource
    name: str = ""
    how: str = ""
    values: list[str] = field(default_factory=list)
    errors: Mapping[str, str] = field(default_factory=dict)
    criterion: Criterion | None = None

    @classmethod
    def read(cls, resource: Resource, query: QueryDict) -> CriterionForm:
        name = query.get(ADD, "")
        form = cls(resource, name if operators_of(resource, name) else "")
        offered = [value for value, _label in form.ways]
        form.how = query.get(HOW, "") if query.get(HOW, "") in offered else (offered[0] if offered else "")
        form.values = [value.replace("\x00", " ").strip()[:200] for value in query.getlist(WHAT)][:20]
        if GO in query:
            form._judge()
        return form

    def _judge(self) -> None:
        if not self.name:
            self.errors = {ADD: _("Choose a field.")}
            return
        if self.how in (Operator.EMPTY, FILLED):
            self.criterion = Criterion(
                self.name, Operator.EMPTY, ("true" if self.how == Operator.EMPTY else "false",)
            )
            return
        given = [value for value in self.values if value]
        found, problem = criterion_of(self.resource, self.name, Operator(self.how), given)
        if not given or problem:
            self.errors = {WHAT: problem or _("Say what to look for.")}
        else:
            self.criterion = found

    @property
    def kind(self) -> Kind | None:
        item = self.resource.by_name.get(self.name)
        return item.kind if item else None

    @property
    def ways(self) -> list[tuple[str, str]]:
        """The operators of the chosen field in words."""
        if not self.name:
            return []
        if self.name not in self.resource.by_name:
            return [(Operator.EMPTY, _("has none")), (FILLED, _("has at least one"))]
        said = {
            Operator.IS: _("is"),
            Operator.NOT: _("is not"),
            Operator.CONTAINS: _("contains"),
            Operator.GTE: _("from"),
            Operator.LTE: _("up to"),
            Operator.EMPTY: _("is empty"),
        }
        known = operators_of(self.resource, self.name)
        return [(way.value, said[way]) for way in known] + [(FILLED, _("is not empty"))]

    @property
    def fields(self) -> list[tuple[str, list[tuple[str, str]]]]:
        """What can be chosen, in the groups of the record's page."""
        groups = [
            (str(group.label), [(item.name, str(item.label)) for item in self.resource.fields_of(group)])
            for group in self.resource.fieldsets
        ]
        grouped = {name for _label, items in groups for name, _field in items}
        tabs = [(tab.name, capfirst(str(tab.label))) for tab in self.resource.tabs if isinstance(tab, Children)]
        taken = grouped | {name for name, _label in tabs}
        others = [
            (item.name, str(item.label))
            for item in self.resource.fields
            if item.name not in taken and item.kind is not Kind.LIST
        ]
        return [
            *groups,
            *([(_("Other"), others)] if others else []),
            *([(_("Related records"), tabs)] if tabs else []),
        ]
