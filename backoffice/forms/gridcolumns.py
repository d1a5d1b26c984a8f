"""One column of the grid: how its values read in a cell, and which value a text means. No I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.formats import words
from backoffice.forms.fields import Choices, ValueField, shown_text
from backoffice.forms.records import Offered
from backoffice.resources import Field, Kind, Resource
from backoffice.resources.rules import emptied
from backoffice.templatetags.ui import plain, short_reference

# What spreadsheets write in their languages.
_YES = ("true", "yes", "ja", "tak", "1", "sand", "prawda")
_NO = ("false", "no", "nej", "nie", "0", "falsk", "fałsz")


@dataclass(frozen=True)
class Option:
    """One value that may be chosen: `label` stands in a cell, `offered` in the list, `others` mean it, too."""

    value: str
    label: str
    offered: str
    others: tuple[str, ...] = ()

    def means(self, folded: str) -> bool:
        return folded in {text.casefold() for text in (self.value, self.label, self.offered, *self.others)}


@dataclass(frozen=True)
class Column:
    """`raw` is what a form would post for a value, `text` what a cell shows of it.

    `options` are all that may be chosen, but of an open choice only what is offered. `names` are those of related
    records of a long list, by IRI; `suggest_url` searches that list.
    """

    item: Field
    options: tuple[Option, ...] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    suggest_url: str = ""

    @property
    def way(self) -> str:
        """How the script edits it."""
        if not editable(self.item):
            return "shown"
        match self.item.kind:
            case Kind.REFERENCE:
                return "search" if self.suggest_url else "choice"
            case Kind.BOOLEAN | Kind.COUNTRY_CODE:
                return "choice"
            case Kind.CHOICE | Kind.LANGUAGE:
                return "open"
            case Kind.INTEGER:
                return "number"
            case Kind.LONG_TEXT:
                return "long"
        return "text"

    def text_of(self, raw: str) -> str:
        if option := self._by_value.get(raw):
            return option.label
        if self.item.kind is Kind.REFERENCE and raw.startswith(("/", "http")):
            return self.names.get(raw) or short_reference(self.item, raw)
        return raw

    def shown(self, value: Any) -> str:
        """A value that nobody edits here."""
        return plain(self.item, value, self.names) or shown_text(value)

    def raw_of(self, text: str) -> str:
        """The value that a text means; the text itself where it means none or more than one."""
        folded = text.strip().casefold()
        if self.way not in ("choice", "open") or text in self._by_value or not folded:
            return text
        found = {option.value for option in self.options if option.means(folded)}
        return found.pop() if len(found) == 1 else text

    def parse(self, raw: str, base: Any, found: Choices = ()) -> Any:
        """The value, by the rules of a record's form. `found`: records of the name that was typed.

        Raises ValidationError with a sentence for the person.
        """
        offered = found if self.way == "search" else self.offered
        control = ValueField(self.item, base=base, offered=offered, suggest_url=self.suggest_url)
        return control.clean(self.raw_of(raw))

    def described(self) -> dict[str, Any]:
        """For the script."""
        return {
            "name": self.item.name,
            "label": str(self.item.label),
            "way": self.way,
            "url": self.suggest_url,
            "empty": emptied(self.item),
            "options": [[each.value, each.label, each.offered, *each.others] for each in self.options],
        }

    @cached_property
    def offered(self) -> list[tuple[str, str]]:
        return [(option.value, option.offered) for option in self.options]

    @cached_property
    def _by_value(self) -> dict[str, Option]:
        return {option.value: option for option in self.options}


def editable(item: Field) -> bool:
    return not item.read_only and not item.author and item.kind not in (Kind.LIST, Kind.TIMESTAMP)


def possible(resource: Resource) -> tuple[Field, ...]:
    """The fields that can be columns; the name stands before each row anyway, but may be edited in one."""
    return tuple(item for item in resource.fields if item.kind is not Kind.LIST and item.name != "id")


def chosen(resource: Resource, wanted: Iterable[str], *usual: Sequence[str]) -> tuple[str, ...]:
    """The columns asked for, in order; else the first of the usual ones that holds something to edit."""
    able = {item.name for item in possible(resource)}
    asked = tuple(dict.fromkeys(name for name in wanted if name in able))
    if asked:
        return asked
    fields = resource.by_name
    for names in usual:
        kept = [name for name in names if name in able and editable(fields[name])]
        if found := tuple(name for name in kept if name != resource.label_field):
            return found
    return tuple(item.name for item in possible(resource) if editable(item))


def build_columns(resource: Resource, names: Iterable[str], offered: Offered) -> list[Column]:
    return [_column(resource, resource.by_name[name], offered) for name in names]


def _column(resource: Resource, item: Field, offered: Offered) -> Column:
    url = ""
    if item.kind is Kind.REFERENCE and item.references not in offered.lists:
        url = f"{reverse('suggest', args=[resource])}?field={item.name}"
    return Column(item, tuple(_options(item, offered)), offered.names, url)


def _options(item: Field, offered: Offered) -> Iterable[Option]:
    seen = offered.seen.get(item.name, ())
    match item.kind:
        case Kind.REFERENCE:
            for value, label in offered.lists.get(item.references, ()):
                short = label.partition(" – ")[0] if item.references == "currencies" else label
                yield Option(value, short, label, tuple(filter(None, [offered.country_codes.get(value, "")])))
        case Kind.COUNTRY_CODE:
            yield from (Option(code, name, name) for code, name in words.countries())
        case Kind.LANGUAGE:
            names = {code: words.language_name(code) or code for code in seen}
            yield from (Option(code, name, name) for code, name in names.items())
        case Kind.CHOICE:
            yield from (Option(text, text, text) for text in seen)
        case Kind.BOOLEAN:
            yield Option("true", _("Yes"), _("Yes"), _YES)
            yield Option("false", _("No"), _("No"), _NO)
