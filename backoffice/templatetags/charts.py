"""Pictures of numbers as SVG, drawn here: no script, no style; classes carry the theme, a text says the same."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, time

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.formats import words

register = template.Library()

_WIDTH, _HEIGHT = 100, 8  # of a share's bar
_STEP, _GAP, _TALLEST = 20, 4, 48  # of the days' bars


@register.filter
def percent(part: int, whole: int) -> str:
    """Rounded down, so that only what is complete is 100 %."""
    return _("%(n)s%%") % {"n": words.integer(part * 100 // whole)} if whole else words.DASH


@register.simple_tag
def share(part: int, whole: int) -> SafeString:
    """A bar of `part` in `whole`; decoration, as the numbers stand beside it."""
    width = round(part * _WIDTH / whole, 1) if whole else 0
    return format_html(
        '<svg class="share" viewBox="0 0 {w} {h}" preserveAspectRatio="none" aria-hidden="true">'
        '<rect class="share-whole" width="{w}" height="{h}"></rect>'
        '<rect class="share-part" width="{}" height="{h}"></rect></svg>',
        width,
        w=_WIDTH,
        h=_HEIGHT,
    )


@register.simple_tag
def days_chart(days: Sequence[tuple[date, int]], label: str) -> SafeString:
    """One bar for each day; all of it is read out as one sentence, and each bar tells its own when pointed at."""
    highest = max((number for _day, number in days), default=0) or 1
    bars = format_html_join(
        "",
        '<g><title>{}</title><rect class="day-ground" x="{}" width="{}" height="{}"></rect>'
        '<rect class="day-bar" x="{}" y="{}" width="{}" height="{}"></rect></g>',
        (_bar(place, day, number, highest) for place, (day, number) in enumerate(days)),
    )
    told = "; ".join(_told(day, number) for day, number in days)
    return format_html(
        '<svg class="days" viewBox="0 0 {} {}" preserveAspectRatio="none" role="img" aria-label="{}">{}</svg>',
        len(days) * _STEP - _GAP,
        _TALLEST,
        f"{label}: {told}",
        bars,
    )


def _bar(place: int, day: date, number: int, highest: int) -> tuple[object, ...]:
    # A day with anything at all is seen to have it; an empty one keeps a line.
    height = max(3, round(number * _TALLEST / highest)) if number else 1
    x, width = place * _STEP, _STEP - _GAP
    return _told(day, number), x, width, _TALLEST, x, _TALLEST - height, width, height


def _told(day: date, number: int) -> str:
    return f"{words.day(datetime.combine(day, time.min))}: {words.integer(number)}"
