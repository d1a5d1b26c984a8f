"""The rows of lists. This is what a list page spends its time on, so it is made without a template."""

from __future__ import annotations

import html
from collections.abc import Callable, Container, Iterable, Sequence
from typing import Any

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.resources import Field, Kind, Record
from backoffice.templatetags.ui import Names, cell_html, icon, row_url
from backoffice.templatetags.web import LONGEST_TITLE, picture_html


def name_cell(url: str, label: str, picture: str = "", *, long: bool = False) -> SafeString:
    """The first cell of a row: the record's name, which is the row's link; `picture` is markup before it.

    `long`: the name is the beginning of a text and may take more room.
    """
    shown = html.escape(label)
    return SafeString(
        f'<th scope="row" class="sticky">{picture}<a class="cut{" cut-long" if long else ""}" '
        f'href="{html.escape(url)}" title="{html.escape(label[:LONGEST_TITLE])}" dir="auto" data-row-link>{shown}'
        "</a></th>"
    )


def rows_html(
    list_url: str,
    records: Iterable[Record],
    columns: Sequence[Field],
    names: Names,
    *,
    edit: bool,
    ticked: Container[str] | None = None,
) -> list[SafeString]:
    """The rows of a list. The first column is the record's name; `edit` adds the way to its form, `ticked` a box
    in front, with a tick where the key is in it.

    This is what a list page spends its time on, so a value that stood in the same column before is not drawn
    again, and the parts that are new in each row do without `format_html`.
    """
    cells = [_remembering(item, str(item.label), names) for item in columns[1:]]
    actions = _edit_cell() if edit else None
    box = _box_cell() if ticked is not None else None
    long = bool(columns) and columns[0].kind is Kind.LONG_TEXT
    rows = []
    for record in records:
        url, key, label = row_url(list_url, record.key), html.escape(record.key), record.label
        image = record.resource.image_field
        picture = picture_html(record.values.get(image)) if image else ""
        parts = [box(key, label, record.key in ticked)] if box and ticked is not None else []
        parts.append(name_cell(url, label, picture, long=long))
        parts += [cell(record.values.get(item.name)) for item, cell in zip(columns[1:], cells, strict=True)]
        if actions:
            parts.append(actions(url, label))
        rows.append(SafeString(f'<tr data-id="{key}">{"".join(parts)}</tr>'))
    return rows


def _remembering(field: Field, label: str, names: Names) -> Callable[[Any], SafeString]:
    done: dict[tuple[type, Any], SafeString] = {}

    def cell(value: Any) -> SafeString:
        if isinstance(value, list | dict):
            return cell_html(field, value, names, label)
        at = (type(value), value)
        if (drawn := done.get(at)) is None:
            drawn = done[at] = cell_html(field, value, names, label)
        return drawn

    return cell


def _box_cell() -> Callable[[str, str, bool], str]:
    """A box belongs to the form of the selection bar, wherever that stands. It is told the key escaped."""
    before, after = (html.escape(part) for part in (_("Select %(name)s") % {"name": "\0"}).split("\0"))

    def cell(key: str, name: str, ticked: bool) -> str:
        tick = " checked" if ticked else ""
        return (
            f'<td class="select sticky"><input type="checkbox" form="selection" name="key" '
            f'value="{key}" aria-label="{before}{html.escape(name)}{after}"{tick}></td>'
        )

    return cell


def _edit_cell() -> Callable[[str, str], SafeString]:
    pencil, word = icon("pencil"), _("Edit %(name)s")

    def cell(url: str, name: str) -> SafeString:
        return SafeString(
            f'<td class="row-actions"><a class="btn btn-quiet" data-row-edit href="{html.escape(url)}edit/" '
            f'aria-label="{html.escape(word % {"name": name})}">{pencil}</a></td>'
        )

    return cell
