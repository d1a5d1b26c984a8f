"""The form of a merge: which record stays, and for each field whose value it is to hold. No I/O."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Self

from django import forms
from django.core import signing
from django.http import QueryDict
from django.utils.translation import gettext as _

from backoffice.forms.fields import ValueField, editable_value
from backoffice.forms.records import Offered, choices_for
from backoffice.resources import Field, Kind, Record, Resource
from backoffice.resources.rules import emptied

TYPED = "typed"
_SALT = "backoffice.forms.merging"


@dataclass(frozen=True)
class Named:
    """The clients that name a record: how many, and the first of them as (key, name)."""

    number: int
    first: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Shown:
    """What a page of the wizard was made from, signed and sent along: what is chosen is what was seen.

    `keys` were asked for, `records` are those that are there. `clients` by key, None where nobody can tell.
    """

    keys: Sequence[str]
    records: Sequence[Record]
    clients: Mapping[str, Named] | None
    at: datetime
    nonce: str

    def signed(self) -> str:
        records = [[each.key, each.iri, dict(each.values), dict(each.other)] for each in self.records]
        held = self.clients
        clients = None if held is None else {key: [each.number, list(each.first)] for key, each in held.items()}
        parts = [list(self.keys), records, clients, self.at.isoformat(), self.nonce]
        return signing.dumps(parts, salt=_SALT, compress=True)

    @classmethod
    def read(cls, text: str, *, resource: Resource) -> Self | None:
        """None for what is missing, or was altered."""
        try:
            keys, records, clients, at, nonce = signing.loads(text, salt=_SALT)
        except (signing.BadSignature, ValueError, TypeError):
            return None
        found = [Record(resource, key, iri, values, other) for key, iri, values, other in records]
        named = None
        if clients is not None:
            named = {
                key: Named(number, [(k, label) for k, label in first]) for key, (number, first) in clients.items()
            }
        return cls(keys, found, named, datetime.fromisoformat(at), nonce)


class MergeForm(forms.Form):
    """The values that were typed, one input for each field that may be written, as `value-displayName`.

    `picks` says for each field whose value is taken: the key of a record, or TYPED. After `is_valid()`, `changes`
    are the fields that the survivor does not hold as chosen.
    """

    use_required_attribute = False

    def __init__(
        self, resource: Resource, records: Sequence[Record], survivor: str, offered: Offered, data: QueryDict
    ) -> None:
        super().__init__(data, auto_id="id_%s")
        self.resource, self.survivor = resource, survivor
        self.records = {record.key: record for record in records}
        was = data.get("was", "")
        self.picks: dict[str, str] = {}
        for item in resource.editable_fields:
            if not _may_write(item, records):
                continue
            self.fields[f"value-{item.name}"] = _input(item, offered)
            pick = data.get(f"pick-{item.name}", "")
            # Whoever chooses another survivor has not chosen the old one's values.
            known = pick == TYPED or (pick in self.records and pick != was)
            self.picks[item.name] = pick if known else survivor

    def clean(self) -> dict[str, Any]:
        for name, pick in self.picks.items():
            where = f"value-{name}"
            if pick != TYPED:
                self.errors.pop(where, None)  # what nobody chose need not be right
                continue
            empty = where not in self.errors and self.cleaned_data.get(where) is None
            if empty and (sentence := emptied(self.resource.by_name[name])):
                self.add_error(where, sentence)
        return self.cleaned_data

    @property
    def chosen(self) -> dict[str, Any]:
        """What each field is to hold; a typed value that cannot be read is left out."""
        found = {}
        for name, pick in self.picks.items():
            if pick != TYPED:
                found[name] = self.records[pick][name] if pick in self.records else None
            elif f"value-{name}" not in self.errors:
                found[name] = self.cleaned_data.get(f"value-{name}")
        return found

    @property
    def changes(self) -> dict[str, Any]:
        held, fields = self.records.get(self.survivor), self.resource.by_name
        if held is None:
            return {}
        return {name: value for name, value in self.chosen.items() if not fields[name].same(held[name], value)}

    def typed(self, name: str) -> Any:
        """The input of a field; a bound field."""
        return self[f"value-{name}"]


def _may_write(item: Field, records: Sequence[Record]) -> bool:
    plain = all(editable_value(record.values.get(item.name)) for record in records)
    return plain and item.kind is not Kind.LIST and not item.author


def _input(item: Field, offered: Offered) -> ValueField:
    found = ValueField(item, offered=choices_for(item, offered))
    if item.kind is Kind.BOOLEAN:  # in the cell of a table a list is smaller
        yes_or_no = [("", "–"), ("true", _("Yes")), ("false", _("No"))]
        found.widget = forms.Select(choices=yes_or_no)
    return found
