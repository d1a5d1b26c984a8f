"""The cells of the grid."""

from __future__ import annotations

from dataclasses import dataclass

from django import template
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

register = template.Library()
_FITS = 24  # characters that a cell shows whole


@dataclass(frozen=True)
class Cell:
    """`raw` is what is sent, `text` what is seen of it; `was` are both as the grid was opened, where that differs.

    `problem`: why the text cannot be taken. `fixed`: nobody edits it. `name`: of the field that was typed into.
    """

    raw: str
    text: str
    was: tuple[str, str] | None = None
    problem: str = ""
    numeric: bool = False
    fixed: bool = False
    name: str = ""


@register.simple_tag
def grid_cell(cell: Cell, row: int, column: int) -> SafeString:
    """One `<td>`, the `column`-th behind the name of its row. Lean: a grid of 500 records makes 5,000 of them."""
    attributes = f' aria-colindex="{column + 1}"'
    if cell.numeric:
        attributes += ' class="num"'
    if cell.fixed:
        attributes += ' aria-readonly="true"'
    if cell.raw != cell.text:
        attributes += f' data-raw="{escape(cell.raw)}"'
    if cell.was is not None:
        attributes += _typed(cell, row)
    elif len(cell.text) > _FITS:
        attributes += f' title="{escape(cell.text)}"'
    return SafeString(f"<td{attributes}>{escape(cell.text)}</td>")


def _typed(cell: Cell, row: int) -> str:
    raw, text = cell.was or ("", "")
    marks = ' id="cell-{}-{}" data-was="{}" data-was-text="{}" data-problem="{}"'
    return str(format_html(marks, row, cell.name, raw, text, cell.problem))
