"""Values as markup: `{% value %}`, `{% diff %}`, `{% icon %}` and the cells of lists. The only place that escapes.

A value's kind chooses its markup. `names` maps the IRI of a related record to its name; an IRI that is not in
it is shown as its number and marked with a class (`pending_class`), so that one later fragment can fill it in.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any
from urllib.parse import quote

from django import template
from django.templatetags.static import static
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.timesince import timesince
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.formats import words
from backoffice.resources import PAGES, Field, Kind, Resource
from backoffice.resources.redacted import is_redacted
from backoffice.resources.schema import key_of_iri
from backoffice.templatetags.web import as_text, cut, link_html, may_copy, picture_html

register = template.Library()

Names = Mapping[str, str]
Change = tuple[str, Any, Any]  # field name, before, after

# Flowtly does not publish its states; these words are common ones, and any other gets a neutral dot.
_TONES = {
    "good": (
        "active",
        "aktiv",
        "enabled",
        "paid",
        "done",
        "changed",
        "created",
        "called",
        "merged",
        "found",
        "ok",
    ),
    "off": ("inactive", "inaktiv", "disabled", "archived", "closed", "deleted", "already", "nothing"),
    "warn": ("lead", "draft", "pending", "new", "suspended", "conflict", "not_written", "unseen"),
    "bad": ("blocked", "rejected", "overdue", "failed", "refused", "gone", "unknown", "bankrupt", "wrong"),
}
_TONE_OF = {word: tone for tone, found in _TONES.items() for word in found}


def is_empty(value: Any) -> bool:
    return value is None or value == "" or value == [] or value == {}


def status_class(value: object) -> str:
    tone = _TONE_OF.get(str(value).casefold(), "")
    return f"status status-{tone}" if tone else "status"


@lru_cache(maxsize=4096)
def pending_class(iri: str) -> str:
    """The class of every place that waits for this record's name."""
    return "ref-" + hashlib.blake2s(iri.encode("utf-8", "replace"), digest_size=8).hexdigest()


def short_reference(field: Field, iri: str) -> str:
    """What is shown of a related record before its name is known: a code as it is, a number with its mark."""
    key = key_of_iri(iri)
    if field.references == "countries" and (name := words.country_name(key)):
        return name
    return f"#{key}" if key.isdecimal() else key


def plain(field: Field, value: Any, names: Names) -> str:
    """The value in words, for titles, messages and summaries; empty for an empty value."""
    if is_empty(value):
        return ""
    if is_redacted(value):
        return _("Redacted")
    match field.kind:
        case Kind.REFERENCE:
            return names.get(str(value)) or short_reference(field, str(value))
        case Kind.COUNTRY_CODE:
            return words.country_name(value) or str(value)
        case Kind.LANGUAGE:
            return words.language_name(value) or str(value)
        case Kind.BOOLEAN if isinstance(value, bool):
            return _("Yes") if value else _("No")
        case Kind.INTEGER if isinstance(value, int):
            return words.integer(value)
        case Kind.TIMESTAMP if (moment := words.parse_moment(value)) is not None:
            return words.day_and_time(moment)
    return as_text(value)


def detail_url(resource: Resource, key: str) -> str:
    """The record's page. Built from the list's address, so that an odd key gives a 404 and never an exception."""
    return row_url(reverse("list", args=[resource]), key)


def reference(field: Field, iri: str, names: Names, *, link: bool) -> SafeString:
    name = names.get(iri)
    if name is None and field.references != "countries":
        shown = format_html(
            '<span class="{}" title="{}">{}</span>',
            pending_class(iri),
            _("The name is being looked up"),
            short_reference(field, iri),
        )
    else:
        shown = format_html('<bdi dir="auto">{}</bdi>', name or short_reference(field, iri))
    target = PAGES.get(field.references)
    return (
        format_html('<a href="{}">{}</a>', detail_url(target, key_of_iri(iri)), shown)
        if target and link
        else shown
    )


def moment_html(value: Any) -> SafeString:
    """A day, with the exact time and its zone in the title; something that is no time stamp stays as it came."""
    moment = words.parse_moment(value)
    if moment is None:
        return escape(as_text(value))
    return _time(moment, words.day(moment))


def value_html(field: Field, value: Any, names: Names, *, link: bool = True) -> SafeString:
    """One value as it stands among facts and in diffs; empty ones as a grey dash."""
    if is_empty(value):
        return format_html('<span class="muted" title="{}">{}</span>', _("Empty"), words.DASH)
    if is_redacted(value):
        return redacted_html()
    if isinstance(value, list | dict) and field.kind is not Kind.REFERENCE:
        return other_html(value)
    if field.name == "status":
        return format_html('<span class="{}">{}</span>', status_class(value), as_text(value))
    match field.kind:
        case Kind.REFERENCE:
            return reference(field, str(value), names, link=link)
        case Kind.TIMESTAMP:
            return moment_html(value)
        case Kind.URL:
            return link_html(as_text(value))
        case Kind.IMAGE:
            return format_html("{} {}", picture_html(value, large=True), link_html(as_text(value)))
        case Kind.LONG_TEXT:
            return format_html('<span class="long-text" dir="auto">{}</span>', as_text(value))
        case Kind.COUNTRY_CODE | Kind.LANGUAGE:
            return (
                format_html('{} <span class="muted">{}</span>', plain(field, value, names), as_text(value))
                if (plain(field, value, names) != as_text(value))
                else escape(as_text(value))
            )
    return format_html('<bdi dir="auto">{}</bdi>', plain(field, value, names))


def other_html(value: Any) -> SafeString:
    """A member we do not know, as it came: scalars in a line, structures as indented JSON, folded."""
    if is_empty(value):
        return format_html('<span class="muted">{}</span>', words.DASH)
    if not isinstance(value, list | dict):
        return format_html('<bdi dir="auto">{}</bdi>', as_text(value))
    text = json.dumps(value, ensure_ascii=False, indent=2, default=str)
    size = len(value)
    return format_html(
        '<details class="fold"><summary>{}</summary><pre class="code" dir="auto">{}</pre></details>',
        ngettext("Show %(count)s part", "Show %(count)s parts", size) % {"count": size},
        text,
    )


def cell_html(field: Field, value: Any, names: Names, label: str) -> SafeString:
    """One `<td>` of a list. Lean on purpose: a list of 200 rows makes 1,400 of them."""
    if is_empty(value):
        return format_html('<td class="is-empty empty-cell{}" data-label="{}">–</td>', _numeric(field), label)
    if field.kind is Kind.LIST:
        return format_html('<td class="num" data-label="{}">{}</td>', label, _in_short(value))
    if field.name == "status":
        inner = format_html('<span class="{}">{}</span>', status_class(value), as_text(value))
    elif field.kind is Kind.REFERENCE:
        name = names.get(str(value))
        inner = cut(name) if name else reference(field, str(value), names, link=False)
    elif field.kind is Kind.TIMESTAMP:
        inner = moment_html(value)
    elif field.kind is Kind.URL:
        inner = link_html(as_text(value), short=True)
    elif field.kind is Kind.IMAGE:
        inner = picture_html(value)
    elif field.kind is Kind.INTEGER:
        return format_html('<td class="num" data-label="{}">{}</td>', label, plain(field, value, names))
    else:
        inner = cut(plain(field, value, names))
    mark = SafeString(" data-copy" if may_copy(field, value) else "")
    return format_html('<td data-label="{}"{}>{}</td>', label, mark, inner)


def _in_short(value: Any) -> SafeString:
    """How many parts a list or an object has; an object that has a name is called by it."""
    name = value.get("name") if isinstance(value, dict) else None
    if isinstance(name, str) and name:
        return cut(name)
    return escape(words.integer(len(value))) if isinstance(value, list | dict) else cut(as_text(value))


def _numeric(field: Field) -> str:
    return " num" if field.numeric else ""


def row_url(list_url: str, key: str) -> str:
    """A record's address below its list's; `reverse` for each of 200 rows is what made lists slow elsewhere."""
    return f"{list_url}{quote(key, safe='')}/"


def diff_html(
    resource: Resource | None, changes: Iterable[Change], names: Names, *, written: bool = True
) -> SafeString:
    """A table of what changed, or only was to change: the old struck through, the new beside it."""
    known = resource.by_name if resource else {}
    new_head = _("After") if written else _("Was to become")
    rows = [
        _diff_row(known.get(name) or Field(name=name, label=name), old, new, names, new_head)
        for name, old, new in changes
    ]
    if not rows:
        return SafeString("")
    head = format_html(
        '<thead><tr><th scope="col">{}</th><th scope="col">{}</th><th scope="col">{}</th></tr></thead>',
        _("Field"),
        _("Before"),
        new_head,
    )
    return format_html('<table class="diff">{}<tbody>{}</tbody></table>', head, SafeString("".join(rows)))


def _diff_row(field: Field, old: Any, new: Any, names: Names, new_head: str) -> SafeString:
    before, after = (_side(field, value, names, tag) for value, tag in ((old, "del"), (new, "ins")))
    return format_html(
        '<tr><th scope="row">{}</th><td data-label="{}">{}</td><td data-label="{}">{}</td></tr>',
        field.label,
        _("Before"),
        before,
        new_head,
        after,
    )


def _side(field: Field, value: Any, names: Names, tag: str) -> SafeString:
    if is_empty(value) or is_redacted(value):
        return nothing() if is_empty(value) else redacted_html()
    shown = value_html(field, value, names, link=False)
    return format_html("<del>{}</del>", shown) if tag == "del" else format_html("<ins>{}</ins>", shown)


def redacted_html() -> SafeString:
    return format_html('<span class="nothing">{}</span>', _("Redacted"))


def nothing() -> SafeString:
    return format_html('<span class="nothing">{}</span>', _("empty"))


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """One symbol of the sprite; decoration unless it has a label."""
    href = f"{static('icons.svg')}#{name}"
    if label:
        return format_html('<svg class="icon" role="img" aria-label="{}"><use href="{}"></use></svg>', label, href)
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}"></use></svg>', href)


@register.simple_tag
def value(field: Field, raw: Any, names: Names) -> SafeString:
    return value_html(field, raw, names)


@register.simple_tag
def cell(field: Field, raw: Any, names: Names) -> SafeString:
    return cell_html(field, raw, names, str(field.label))


@register.simple_tag
def diff(resource: Resource | None, changes: Iterable[Change], names: Names, written: bool = True) -> SafeString:
    return diff_html(resource, changes, names, written=written)


@register.simple_tag
def moment(raw: Any) -> SafeString:
    """A point in time with hours, for histories; the seconds and the zone stand in the title."""
    when = words.parse_moment(raw)
    if when is None:
        return format_html('<span class="muted">{}</span>', words.DASH)
    return _time(when, words.day_and_time(when))


def _time(when: datetime, text: str) -> SafeString:
    return format_html('<time datetime="{}" title="{}">{}</time>', when.isoformat(), words.exact(when), text)


@register.filter
def ago(when: datetime) -> str:
    """How long ago, to stand before "ago"."""
    if timezone.now() - when < timedelta(minutes=1):
        return _("less than a minute")
    return str(timesince(when, depth=1))


@register.filter
def number(raw: float | None) -> str:
    return words.DASH if raw is None else words.integer(raw)


@register.filter
def tone(raw: object) -> str:
    return status_class(raw)


@register.simple_tag
def other_value(raw: Any) -> SafeString:
    return other_html(raw)


@register.simple_tag
def picture(address: Any, large: bool = False) -> SafeString:
    return picture_html(address, large=large)


@register.filter
def copies(field: Field, raw: Any) -> bool:
    """Whether a value among facts can be copied: whatever one would have to mark with the mouse otherwise."""
    return not is_empty(raw) and (may_copy(field, raw) or field.kind is Kind.TEXT)


@register.filter
def of(values: Mapping[str, Any], name: str) -> Any:
    """A value by the name of its field."""
    return values.get(name)
