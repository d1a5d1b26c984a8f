"""What a field may hold, in sentences: in one place for what is typed, computed or from a sheet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator, validate_email
from django.utils.formats import number_format
from django.utils.translation import gettext as _

from backoffice.resources.schema import Field, Kind, Resource

_web_address = URLValidator(schemes=["http", "https"])


def complaint(item: Field, value: Any, *, creating: bool = False) -> str:
    """A sentence where the field cannot hold the value, else "". `creating`: the record does not exist yet."""
    if value is None or value == "":
        return emptied(item, creating=creating)
    if item.kind is Kind.INTEGER:
        return "" if _is_integer(value) else _("Write a whole number, for example 30.")
    if item.kind is Kind.BOOLEAN:
        return "" if isinstance(value, bool) else _("Choose yes or no.")
    if not isinstance(value, str):
        return _("Write a text.")
    return _of_text(item, value)


def emptied(item: Field, *, creating: bool = False) -> str:
    """What stands in the way of leaving the field empty: "" for nothing."""
    name = str(item.label)
    if item.required:
        return _("%(field)s must be filled in.") % {"field": name}
    if not creating and not item.nullable:
        return _("%(field)s cannot be emptied in Flowtly. Write a value.") % {"field": name}
    return ""


def tax_country(resource: Resource, values: Mapping[str, Any], codes: Mapping[str, str]) -> str:
    """Two letters: the first country code, else that of the first country named (`codes` by IRI), else ""."""
    for item in sorted(resource.fields, key=lambda item: item.kind is not Kind.COUNTRY_CODE):
        held = values.get(item.name)
        if item.kind is Kind.COUNTRY_CODE and held:
            return str(held)
        if item.references == "countries" and held:
            return codes.get(str(held), "")
    return ""


def _is_integer(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _of_text(item: Field, text: str) -> str:
    if "\x00" in text:
        return _("Remove the invisible control character from this text.")
    if item.kind is Kind.EMAIL and not _passes(validate_email, text):
        return _("Write an e-mail address, for example name@example.com.")
    if item.kind in (Kind.URL, Kind.IMAGE) and not _passes(_web_address, text):
        return _("Write a web address that begins with https:// or http://.")
    if item.max_length and len(text) > item.max_length:
        return _("This is %(count)s characters long; at most %(most)s are possible.") % {
            "count": _number(len(text)),
            "most": _number(item.max_length),
        }
    return ""


def _passes(validator: Any, text: str) -> bool:
    try:
        validator(text)
    except ValidationError:
        return False
    return True


def _number(value: int) -> str:
    return str(number_format(value, use_l10n=True, force_grouping=True))
