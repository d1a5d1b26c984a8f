"""The form of one record, built from its Resource: create and edit. No I/O: what is offered is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.formats import words
from backoffice.formats.taxnumbers import Offer, check, offers_of
from backoffice.forms.basis import Basis
from backoffice.forms.fields import Choices, ValueField, editable_value
from backoffice.forms.problems import Problem, placed
from backoffice.resources import Field, Fieldset, Kind, Resource
from backoffice.resources.rules import tax_country


@dataclass(frozen=True)
class Offered:
    """What a form may offer: `lists` by slug of the entity (short lists only), `seen` values by field name,
    `names` of related records by IRI, `found` the matches of a name that was typed, by field name, `chosen` what
    the inputs hold where that is not the basis, by field name, `country_codes` two letters by a country's IRI."""

    lists: Mapping[str, Choices] = field(default_factory=dict)
    seen: Mapping[str, Iterable[str]] = field(default_factory=dict)
    names: Mapping[str, str] = field(default_factory=dict)
    found: Mapping[str, Choices] = field(default_factory=dict)
    chosen: Mapping[str, str] = field(default_factory=dict)
    country_codes: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Section:
    fieldset: Fieldset
    inputs: list[BoundField]
    facts: list[tuple[Field, Any]]


class RecordForm(forms.Form):
    """One record's form.

    After `is_valid()`, `changes` holds the fields whose value differs from the basis (for a new record: every
    field that was filled in). `offers` are tax numbers that carry their country, `doubts` warnings; both wait
    for the operator's word and neither makes the form invalid.
    """

    resource: Resource
    basis: Basis
    country_codes: Mapping[str, str]

    def __init__(self, data: QueryDict | None = None, initial: Mapping[str, str] | None = None) -> None:
        super().__init__(data=data, initial=dict(initial or {}), auto_id="id_%s", use_required_attribute=False)
        self.doubts: dict[str, str] = {}
        self.offers: dict[str, Offer] = {}

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        touched = {name for name in self.changes if self.resource.by_name[name].kind is Kind.TAX_ID}
        country = tax_country(self.resource, data, self.country_codes)
        self.offers = offers_of({name: data[name] for name in touched})
        for name in touched - set(self.offers):
            if warning := check(str(data.get(name) or ""), country):
                self.doubts[name] = warning
        return data

    @property
    def changes(self) -> dict[str, Any]:
        """Field name -> value to send."""
        return {
            name: value
            for name, value in self.cleaned_data.items()
            if not self.resource.by_name[name].same(value, self.basis.values.get(name))
        }

    def sections(self) -> Iterator[Section]:
        """The declared fieldsets, then whatever no fieldset names."""
        for fieldset in with_rest(self.resource):
            members = self.resource.fields_of(fieldset)
            inputs = [self[item.name] for item in members if item.name in self.fields]
            facts = [
                (item, self.basis.values.get(item.name))
                for item in members
                if item.name not in self.fields and not item.read_only
            ]
            if inputs or facts:
                yield Section(fieldset, inputs, facts)

    def explain(self, problems: Iterable[Problem]) -> None:
        """Put Flowtly's complaints at their fields, the rest on top."""
        for where, message in placed(problems, self.resource, self.fields, self.data):
            self.add_error(where or None, message)

    def texts(self) -> dict[str, str]:
        """What every input holds, to be sent along by a page between two submits."""
        return {name: str(self[name].value() or "") for name in self.fields}


def build_form(resource: Resource, *, basis: Basis, offered: Offered) -> type[RecordForm]:
    """The Form class for this resource on this basis; the inputs are named like the API's fields.

    It takes a POST's data, or nothing, or what a new record's inputs begin with. Fields whose value is an object
    or a list, and the author, get no input.
    """
    members: dict[str, Any] = {
        item.name: _input(resource, item, basis, offered)
        for item in resource.editable_fields
        if editable_value(basis.values.get(item.name)) and item.kind is not Kind.LIST and not item.author
    }
    declared = {"resource": resource, "basis": basis, "country_codes": offered.country_codes}
    return type("RecordFormOf", (RecordForm,), members | declared)


def _input(resource: Resource, item: Field, basis: Basis, offered: Offered) -> ValueField:
    base = basis.values.get(item.name)
    reference = item.kind is Kind.REFERENCE
    long_list = reference and item.references not in offered.lists
    now = str(offered.chosen.get(item.name, base)) if long_list else str(base)
    return ValueField(
        item,
        base=base,
        creating=basis.creating,
        offered=choices_for(item, offered),
        suggest_url=f"{reverse('suggest', args=[resource])}?field={item.name}" if long_list else "",
        label_now=offered.names.get(now, "") if reference else "",
    )


def choices_for(item: Field, offered: Offered) -> Choices:
    """What an input of this field offers; nothing for a long list, which is searched by name."""
    seen = list(offered.seen.get(item.name, ()))
    match item.kind:
        case Kind.REFERENCE:
            return offered.found.get(item.name) or offered.lists.get(item.references, ())
        case Kind.COUNTRY_CODE:
            return words.countries()
        case Kind.LANGUAGE:
            return [(code, words.language_name(code) or code) for code in seen]
        case Kind.CHOICE:
            return [(text, text) for text in seen]
    return ()


def with_rest(resource: Resource) -> list[Fieldset]:
    named = {name for fieldset in resource.fieldsets for name in fieldset.fields}
    rest = tuple(item.name for item in resource.fields if item.name not in named and item.kind is not Kind.LIST)
    extra = [Fieldset(name="more", label=_("More"), fields=rest)] if rest else []
    return [*resource.fieldsets, *extra]
