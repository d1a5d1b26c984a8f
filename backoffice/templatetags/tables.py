"""Tables of objects whose members nobody declared: the columns, and each value in the reader's way."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.utils.formats import number_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.formats import words
from backoffice.templatetags.ui import is_empty
from backoffice.templatetags.web import as_text, link_html, web_address

_MOST_COLUMNS = 12
_DECIMAL = re.compile(r"-?\d{1,18}\.\d{1,6}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}.*)?")


@dataclass(frozen=True)
class Column:
    name: str
    label: str
    numeric: bool


def columns_of(members: Sequence[Mapping[str, Any]], *, belongs_to: str = "") -> list[Column]:
    """The scalar members in the order in which they first come, without identities.

    `belongs_to` is the IRI of the record that all of them belong to: a member that only repeats it is left out.
    Objects that are nothing but an address get one column with it.
    """
    names = dict.fromkeys(name for member in members for name, value in member.items() if _scalar(name, value))
    held = {name: [member[name] for member in members if not is_empty(member.get(name))] for name in names}
    shown = [name for name in names if held[name] and set(map(str, held[name])) != {belongs_to}]
    if not shown and any("@id" in member for member in members):
        return [Column("@id", _("Address"), False)]
    return [Column(name, label_of(name), _numeric(name, held[name])) for name in shown[:_MOST_COLUMNS]]


def _scalar(name: str, value: Any) -> bool:
    return not name.startswith("@") and not isinstance(value, list | dict)


def _numeric(name: str, values: Iterable[Any]) -> bool:
    """Numbers stand to the right; an id is a name, however it is written."""
    if name == "id" or name.endswith("Id"):
        return False
    return all(_number(value) is not None for value in values)


def _number(value: Any) -> int | float | Decimal | None:
    if isinstance(value, bool):
        return None
    if isinstance(value, int | float):
        return value
    return Decimal(value) if isinstance(value, str) and _DECIMAL.fullmatch(value) else None


def label_of(name: str) -> str:
    """What a member is called: a word of ours for the usual ones, else its name in words."""
    known = {
        "id": _("Number in Flowtly"),
        "number": _("Number"),
        "name": _("Name"),
        "type": _("Type"),
        "status": _("Status"),
        "amount": _("Amount"),
        "currency": _("Currency"),
        "issuedAt": _("Issued"),
        "dueDate": _("Due"),
        "createdAt": _("Created"),
        "updatedAt": _("Last changed"),
    }
    spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name).lower()
    return known.get(name) or spaced[:1].upper() + spaced[1:]


def cell_of(column: Column, value: Any) -> SafeString:
    """One `<td>`: amounts to the right with the decimals that came, days and yes or no in the reader's words."""
    if is_empty(value) or isinstance(value, list | dict):
        side = " num" if column.numeric else ""
        return format_html('<td class="is-empty empty-cell{}" data-label="{}">–</td>', side, column.label)
    number = _number(value) if column.numeric else None
    if number is not None:
        return format_html('<td class="num" data-label="{}">{}</td>', column.label, _in_locale(number))
    return format_html('<td data-label="{}">{}</td>', column.label, _shown(value))


def _in_locale(number: int | float | Decimal) -> str:
    places = -int(number.as_tuple().exponent) if isinstance(number, Decimal) else None
    return number_format(number, decimal_pos=places, force_grouping=True)


def _shown(value: Any) -> SafeString:
    if isinstance(value, bool):
        return format_html("{}", _("Yes") if value else _("No"))
    if isinstance(value, str) and _DATE.fullmatch(value) and (moment := words.parse_moment(value)) is not None:
        day = value[:10] if len(value) == len("2026-11-22") else None  # a day without a time has no zone
        shown = words.day(datetime.fromisoformat(day) if day else moment)
        return format_html('<time datetime="{}" title="{}">{}</time>', value, day or words.exact(moment), shown)
    if web_address(value):
        return link_html(value, short=True)
    return format_html('<bdi dir="auto">{}</bdi>', as_text(value))
