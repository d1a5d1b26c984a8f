"""Pictures of numbers as SVG, drawn here: no script, no style; classes carry the theme, a text says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from backoffice.formats import words

register = template.Library()

_WIDTH, _HEIGHT = 100, 8  # of a share's bar
_STEP, _GAP, _TALLEST = 20, 4, 48  # of the days' bars
# Of a row of a waterfall, and where its bar begins and ends.
_ACROSS, _HIGH, _TOP, _FOOT = 240.0, 20, 6, 14


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


@dataclass(frozen=True)
class Waterfall:
    """A picture for each row of a table of contributions, one for its head and one for its sum; they stand exactly
    below each other, so that each bar begins where the one before it ended."""

    rows: list[SafeString]
    total: SafeString


def steps(weights: Sequence[int]) -> list[tuple[int, int]]:
    """From where to where each weight leads; the last ends at their sum."""
    found, at = [], 0
    for weight in weights:
        found.append((at, at + weight))
        at += weight
    return found


def waterfall(weights: Sequence[int], threshold: int) -> Waterfall:
    """How weights (hundredths, either sign) add up to a score. Decoration: the table says the same in numbers."""
    taken = steps(weights)
    places = [0, threshold, *(place for step in taken for place in step)]
    low, high = min(places), max(places)
    scale = _ACROSS / ((high - low) or 1)

    def across(place: int) -> float:
        return round((place - low) * scale, 1)

    rows = [
        _step(across(start), across(end), "against" if end < start else "for", first=not place)
        for place, (start, end) in enumerate(taken)
    ]
    score = taken[-1][1] if taken else 0
    lines = _upright("zero", across(0)) + _upright("threshold", across(threshold))
    return Waterfall(
        [_row(lines + row) for row in rows],
        _row(lines + _step(across(0), across(score), "sum", last=True)),
    )


def _row(inner: SafeString) -> SafeString:
    return format_html(
        '<svg class="waterfall" viewBox="0 0 {} {}" preserveAspectRatio="none" aria-hidden="true">{}</svg>',
        int(_ACROSS),
        _HIGH,
        inner,
    )


def _step(start: float, end: float, kind: str, *, first: bool = False, last: bool = False) -> SafeString:
    """One bar, with the line that leads from the bar before to the one after it."""
    joins = SafeString("" if first else _upright("join", end if last else start, 0, _TOP))
    joins += SafeString("" if last else _upright("join", end, _FOOT, _HIGH))
    return joins + format_html(
        '<rect class="waterfall-{}" x="{}" y="{}" width="{}" height="{}"></rect>',
        kind,
        min(start, end),
        _TOP,
        # Next to nothing is seen, too.
        max(round(abs(end - start), 1), 1.0),
        _FOOT - _TOP,
    )


def _upright(kind: str, x: float, top: int = 0, foot: int = _HIGH) -> SafeString:
    return format_html('<path class="waterfall-{}" d="M{} {}V{}"></path>', kind, x, top, foot)


@register.filter
def points(hundredths: int) -> str:
    """A score in the reader's notation: 12.34."""
    return words.decimal(hundredths, 2).replace("-", "−")


@register.filter
def signed(hundredths: int) -> str:
    """A contribution with its sign: +1.20 or −0.55."""
    return f"{'−' if hundredths < 0 else '+'}{words.decimal(abs(hundredths), 2)}"
