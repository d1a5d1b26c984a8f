"""The form of a change for many records: only the fields added to it. No I/O: what it offers is handed in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.formats import words
from backoffice.forms.fields import Choices, ValueField
from backoffice.forms.records import Offered, choices_for
from backoffice.resources import SHORT_LISTS, Field, Kind

SUBTRACT = "subtract"  # to add a negative number, said as people say it
WAYS = {
    "set": gettext_lazy("Set to"),
    "clear": gettext_lazy("Clear"),
    "replace": gettext_lazy("Find and replace"),
    "copy": gettext_lazy("Copy from another field"),
    "add": gettext_lazy("Add"),
    SUBTRACT: gettext_lazy("Subtract"),
}
# The inputs that each way of changing a field has.
_PARTS: Mapping[str, tuple[str, ...]] = {
    "set": ("value",),
    "clear": (),
    "replace": ("find", "with", "case"),
    "copy": ("from",),
    "add": ("number",),
    SUBTRACT: ("number",),
}
_LONGEST = 10_000  # characters that are looked for or put in


@dataclass(frozen=True)
class Offer:
    """One field of the form: `ways` of changing it (of WAYS), `sources` that it can be copied from, and where a
    long list is searched by name (`suggest_url`)."""

    field: Field
    ways: tuple[str, ...]
    sources: Choices = ()
    suggest_url: str = ""


@dataclass(frozen=True)
class Wanted:
    """What one row of the form asks for; the names are those of services/bulk/changes.py."""

    field: str
    how: str
    value: Any = None
    find: str = ""
    any_case: bool = False


@dataclass(frozen=True)
class Row:
    """One field on the page, with its inputs by the way they belong to; `how` chooses among the ways."""

    field: Field
    how: BoundField
    parts: list[tuple[str, list[BoundField]]]
    errors: list[tuple[BoundField, str]]


class NewValueField(ValueField):
    """A new value for many records: nothing is there before, and to empty a field is a way of its own."""

    def __init__(self, spec: Field, *, offered: Choices, suggest_url: str, label_now: str) -> None:
        super().__init__(spec, offered=offered, suggest_url=suggest_url, label_now=label_now)
        self.label = _("New value")
        if spec.kind is Kind.BOOLEAN:
            self.widget = forms.RadioSelect(choices=[("true", _("Yes")), ("false", _("No"))])

    @property
    def marked_required(self) -> bool:
        return False

    def clean(self, raw: Any) -> Any:
        if not (raw or "").strip():
            also = " " + _("To empty the field, choose to clear it.") if self.spec.clearable else ""
            raise ValidationError(_("Enter the new value.") + also)
        return super().clean(raw)


class ChangeForm(forms.Form):
    """After `is_valid()`, `wanted` says what is asked for, field by field.

    The inputs of a field `dueDays` are `how-dueDays`, `value-dueDays` and so on; those that do not belong to the
    chosen way are kept as they were typed, and not looked at.
    """

    name = forms.CharField(label=gettext_lazy("Name of this selection"), max_length=200, required=False)

    def __init__(
        self,
        offers: Sequence[Offer],
        offered: Offered,
        data: QueryDict | None = None,
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(data=data, initial=dict(initial or {}), auto_id="id_%s", use_required_attribute=False)
        self.offers = list(offers)
        for offer in offers:
            self.fields.update(_inputs(offer, offered))

    def clean(self) -> dict[str, Any]:
        if not self.offers:
            self.add_error(None, _("Add at least one field."))
        for offer in self.offers:
            self._clean_row(offer.field.name)
        return self.cleaned_data

    def _clean_row(self, name: str) -> None:
        way = self.cleaned_data.get(f"how-{name}", "")
        own = _PARTS.get(way, ())
        for part in {part for parts in _PARTS.values() for part in parts} - set(own):
            self.errors.pop(f"{part}-{name}", None)
        for part, sentence in (("find", _("Enter the text to look for.")), ("from", _("Choose a field."))):
            where = f"{part}-{name}"
            if part in own and where not in self.errors and not self.cleaned_data.get(where):
                self.add_error(where, sentence)
        if "number" in own:
            self._clean_number(f"number-{name}")

    def _clean_number(self, where: str) -> None:
        try:
            self.cleaned_data[where] = words.parse_integer(self.cleaned_data.get(where, ""))
        except ValueError:
            self.add_error(where, _("Write a whole number, for example 30."))

    @property
    def wanted(self) -> list[Wanted]:
        return [self._wanted(offer.field.name) for offer in self.offers]

    def _wanted(self, name: str) -> Wanted:
        data = self.cleaned_data
        match data[f"how-{name}"]:
            case "replace":
                old, new = data[f"find-{name}"], data[f"with-{name}"]
                return Wanted(name, "replace", new, find=old, any_case=data[f"case-{name}"])
            case "copy":
                return Wanted(name, "copy", data[f"from-{name}"])
            case "add":
                return Wanted(name, "add", data[f"number-{name}"])
            case "subtract":
                return Wanted(name, "add", -data[f"number-{name}"])
            case "clear":
                return Wanted(name, "clear")
        return Wanted(name, "set", data[f"value-{name}"])

    def rows(self) -> Iterator[Row]:
        for offer in self.offers:
            name = offer.field.name
            parts = [
                (" ".join(f"way-{way}" for way in ways), [self[f"{part}-{name}"] for part in inputs])
                for ways, inputs in _grouped(offer.ways)
            ]
            bound = [self[f"how-{name}"], *(one for _ways, inputs in parts for one in inputs)]
            errors = [(one, str(error)) for one in bound for error in one.errors]
            yield Row(offer.field, bound[0], parts, errors)


def _grouped(ways: Sequence[str]) -> list[tuple[list[str], tuple[str, ...]]]:
    """Ways that have the same inputs stand together: one number is added or subtracted."""
    found: dict[tuple[str, ...], list[str]] = {}
    for way in ways:
        if _PARTS[way]:
            found.setdefault(_PARTS[way], []).append(way)
    return [(held, parts) for parts, held in found.items()]


def _inputs(offer: Offer, offered: Offered) -> dict[str, forms.Field]:
    item, name = offer.field, offer.field.name
    made: dict[str, forms.Field] = {
        f"how-{name}": forms.ChoiceField(
            label=_("What to do"), choices=[(way, WAYS[way]) for way in offer.ways], required=True
        )
    }
    for part in {part for way in offer.ways for part in _PARTS[way]}:
        made[f"{part}-{name}"] = _value(item, offer, offered) if part == "value" else _part(part, offer)
    return made


def _value(item: Field, offer: Offer, offered: Offered) -> NewValueField:
    chosen = str(offered.chosen.get(item.name, ""))
    return NewValueField(
        item,
        offered=choices_for(item, offered),
        suggest_url=offer.suggest_url if item.references not in SHORT_LISTS else "",
        label_now=offered.names.get(chosen, ""),
    )


def _part(part: str, offer: Offer) -> forms.Field:
    typed = {"dir": "auto", "autocomplete": "off"}
    match part:
        case "find":
            return _text(_("Find"), typed)
        case "with":
            return _text(_("Replace with"), typed)
        case "case":
            return forms.BooleanField(label=_("Capitals do not matter"), required=False)
        case "from":
            options = [("", _("– choose a field –")), *offer.sources]
            return forms.ChoiceField(label=_("From"), choices=options, required=False)
    number = forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "short num"})
    return forms.CharField(label=_("Number"), widget=number, required=False, max_length=30)


def _text(label: str, attrs: Mapping[str, str]) -> forms.CharField:
    """Blanks at the ends may be just what is looked for."""
    widget = forms.TextInput(dict(attrs))
    return forms.CharField(label=label, widget=widget, strip=False, required=False, max_length=_LONGEST)
