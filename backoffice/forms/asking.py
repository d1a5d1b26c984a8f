"""What somebody asks for on a command line, by the rules of the forms: "status=lead", "dueDays=21"."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.http import QueryDict

from backoffice.formats import words
from backoffice.forms.fields import IRI, Choices, ValueField
from backoffice.forms.listing import ListState
from backoffice.resources import Field, Kind, Resource

# The addresses that a name, number or code of a record of this entity (a slug) may mean.
Addresses = Callable[[str, str], Sequence[str]]


class Misunderstood(ValueError):
    """The message says what is wrong, in words."""


def field_of(resource: Resource, name: str) -> Field:
    """A field that can be written. Raises Misunderstood."""
    item = resource.by_name.get(name)
    if item is None or item.read_only or item.kind is Kind.LIST:
        offered = ", ".join(each.name for each in resource.editable_fields)
        raise Misunderstood(f"{name!r} is no field that can be changed. There are: {offered}.")
    return item


def state_of(resource: Resource, asked: Iterable[str], addresses: Addresses) -> ListState:
    """The list that "status=lead", "dueDays__gte=14" and "q=acme" narrow together. Raises Misunderstood."""
    query = QueryDict(mutable=True)
    for text in asked:
        parameter, value = split(text)
        item = resource.by_name.get(parameter.partition("__")[0])
        if item is None and parameter != "q" and resource.tab(parameter.partition("__")[0]) is None:
            raise Misunderstood(f"{parameter!r} is nothing that {resource.slug} can be narrowed by.")
        reference = item is not None and item.kind is Kind.REFERENCE and not parameter.endswith("__empty")
        query.appendlist(parameter, _address(item, value, addresses) if item and reference else value)
    state = ListState.read(resource, query, sortable=frozenset(resource.by_name))
    if state.notes or state.too_short:
        raise Misunderstood(" ".join(state.notes) or "A search has three characters at least.")
    return state


def value_of(item: Field, text: str, addresses: Addresses) -> Any:
    """The value that a text means for a field. Raises Misunderstood."""
    offered: Choices = words.countries() if item.kind is Kind.COUNTRY_CODE else ()
    if item.kind is Kind.REFERENCE and text.strip():
        return _address(item, text, addresses)
    try:
        return ValueField(item, creating=False, offered=offered).clean(text)
    except ValidationError as error:
        raise Misunderstood(f"{item.name}: {' '.join(error.messages)}") from None


def split(text: str) -> tuple[str, str]:
    """ "dueDays=21" as name and value. Raises Misunderstood."""
    name, separator, value = text.partition("=")
    if not separator or not name.strip():
        raise Misunderstood(f"{text!r} is not of the form NAME=VALUE.")
    return name.strip(), value


def _address(item: Field, text: str, addresses: Addresses) -> str:
    if IRI.fullmatch(text.strip()):
        return text.strip()
    found = addresses(item.references, text)
    if len(found) != 1:
        many = "several records are" if found else "no record is"
        raise Misunderstood(f"{item.name}: {many} found by {text!r}.")
    return found[0]
