"""`{% plan_cell %}`: what a plan does to one field of one record, in the cell of a table."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.resources import Field
from backoffice.templatetags.changes import side_html
from backoffice.templatetags.ui import Names, icon, is_empty, value_html

register = template.Library()


@dataclass(frozen=True)
class Cell:
    """One field of one row. `now` is what it holds, `new` what it is to hold; `touched`: the plan is about it.

    `edited`: it held `seen` when the person looked, and does not any more; `of_undo`: `seen` is what the job that
    is taken back wrote.
    """

    field: Field
    touched: bool
    now: Any = None
    new: Any = None
    seen: Any = None
    edited: bool = False
    of_undo: bool = False
    problem: str = ""
    warning: str = ""


@register.simple_tag
def plan_cell(cell: Cell, names: Names) -> SafeString:
    """The `<td>`: empty where the row does not touch the field."""
    nothing = is_empty(cell.now) and is_empty(cell.new) and not cell.edited
    if not cell.problem and (nothing or not cell.touched):
        return format_html('<td class="is-empty empty-cell" data-label="{}">–</td>', cell.field.label)
    parts = [_values(cell, names), _note("error", "exclamation-octagon", cell.problem)]
    parts.append(_note("warning", "exclamation-triangle", cell.warning))
    inner = SafeString("".join(parts))
    return format_html('<td class="wrap plan-cell" data-label="{}"><div>{}</div></td>', cell.field.label, inner)


def _values(cell: Cell, names: Names) -> SafeString:
    old, new = side_html("del", cell.field, cell.now, names), side_html("ins", cell.field, cell.new, names)
    if cell.edited:
        seen = value_html(cell.field, cell.seen, names, link=False)
        before = _("Written then:") if cell.of_undo else _("You saw:")
        three = ((before, seen), (_("Now:"), old), (_("New:"), new))
        return format_html_join(SafeString("<br>"), '<span class="muted">{}</span> {}', three)
    if cell.field.same(cell.now, cell.new):
        return format_html('<span class="muted">{}</span>', value_html(cell.field, cell.new, names, link=False))
    return format_html("{} → {}", old, new)


def _note(tone: str, symbol: str, text: str) -> SafeString:
    return format_html('<p class="{}">{}{}</p>', tone, icon(symbol), text) if text else SafeString("")
