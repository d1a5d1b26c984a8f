"""`{% changes %}`: what changed in one record, in the cell of a table; the wide form is `{% diff %}`."""

from __future__ import annotations

from collections.abc import Iterable

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from backoffice.resources import Field, Kind, Resource
from backoffice.templatetags.ui import Change, Names, is_empty, nothing, value_html
from backoffice.templatetags.web import as_text, link_html

register = template.Library()


@register.simple_tag
def changes(resource: Resource | None, found: Iterable[Change], names: Names) -> SafeString:
    """A line for each field: its name, the old value struck through, the new one."""
    known = resource.by_name if resource else {}
    lines = [_line(known.get(name) or Field(name=name, label=name), old, new, names) for name, old, new in found]
    inner = format_html_join("", "<li>{}</li>", ((line,) for line in lines))
    return format_html('<ul class="changes">{}</ul>', inner) if lines else SafeString("")


def _line(field: Field, old: object, new: object, names: Names) -> SafeString:
    if field.same(old, new):
        held = value_html(field, new, names, link=False)
        return format_html('<span class="muted">{}:</span> {}', field.label, held)
    before, after = side_html("del", field, old, names), side_html("ins", field, new, names)
    return format_html('<span class="muted">{}:</span> {} → {}', field.label, before, after)


def side_html(tag: str, field: Field, value: object, names: Names) -> SafeString:
    """One value, struck through ("del") or new ("ins")."""
    if is_empty(value):
        return nothing()
    shown = value_html(field, value, names, link=False)
    if field.kind is Kind.IMAGE:  # the picture itself is too big for a line
        shown = link_html(as_text(value))
    return format_html("<{0}>{1}</{0}>", SafeString(tag), shown)
