"""Codes, numbers and times as words of the active language. No markup here: templatetags/ui.py adds it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache

from babel import Locale
from babel.lists import format_list
from django.utils import timezone
from django.utils.formats import date_format, get_format, number_format
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

DASH = "–"


def locale_code() -> str:
    return (get_language() or "en").split("-")[0]


@lru_cache(maxsize=8)
def _locale(code: str) -> Locale:
    return Locale.parse(code)


@lru_cache(maxsize=8)
def _territories(code: str) -> dict[str, str]:
    """ISO 3166 codes to names; Babel also carries continents (three digits) and placeholders, left out here."""
    names = _locale(code).territories
    return {
        key: name
        for key, name in names.items()
        if re.fullmatch("[A-Z]{2}", key) and key not in ("EU", "EZ", "UN", "QO", "XA", "XB", "ZZ")
    }


def country_name(code: object) -> str:
    """The country of a two-letter code; empty where there is none."""
    return _territories(locale_code()).get(str(code).upper(), "")


def countries() -> list[tuple[str, str]]:
    """Every country as (code, name), by name."""
    return sorted(_territories(locale_code()).items(), key=lambda item: item[1].casefold())


def language_name(code: object) -> str:
    """The language of a code such as `da` or `en_GB`, first letter as in a list; empty where there is none."""
    base = re.split("[-_]", str(code))[0].lower()
    name = str(_locale(locale_code()).languages.get(base, "")) if base else ""
    return name[:1].upper() + name[1:]


def integer(value: float) -> str:
    """Grouped by the locale: 1,234 or 1.234."""
    return number_format(value, force_grouping=True)


def decimal(scaled: int, places: int) -> str:
    """A whole number of hundredths (`places` 2) and the like by the locale: 12.34 or 12,34."""
    return number_format(Decimal(scaled).scaleb(-places), places, force_grouping=True)


def parse_integer(text: str) -> int:
    """A whole number as people of the active locale write it, with or without its thousands separator.

    Raises ValueError, also for decimals: 1,5 days must not become 15.
    """
    bare = re.sub(r"[\s\u00a0\u202f'’]", "", text)
    mark = re.escape(str(get_format("THOUSAND_SEPARATOR")))
    if re.fullmatch(rf"[+-]?\d{{1,3}}({mark}\d{{3}})+", bare):
        bare = re.sub(mark, "", bare)
    if not re.fullmatch(r"[+-]?\d{1,15}", bare):
        raise ValueError(text)
    return int(bare)


def parse_moment(value: object) -> datetime | None:
    """A time stamp of the API (RFC 3339) or a datetime, in the configured zone; None for anything else."""
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    aware = value if timezone.is_aware(value) else value.replace(tzinfo=UTC)
    try:
        return timezone.localtime(aware)
    except OverflowError:
        return None


def day(moment: datetime) -> str:
    return date_format(moment, "SHORT_DATE_FORMAT")


def a_day(value: date) -> str:
    """A day of the calendar, which has no zone."""
    return date_format(value, "SHORT_DATE_FORMAT")


def day_and_time(moment: datetime) -> str:
    return date_format(moment, "SHORT_DATETIME_FORMAT")


def clock(moment: datetime) -> str:
    return date_format(moment, "TIME_FORMAT")


def duration(seconds: float) -> str:
    """About how long, in words: minutes are enough."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return _("less than a minute")
    if minutes < 90:
        return ngettext("%(count)s minute", "%(count)s minutes", minutes) % {"count": minutes}
    hours = round(minutes / 60)
    return ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}


def listed(items: Iterable[str]) -> str:
    """ "Status, Country and Due days"."""
    return format_list([str(item) for item in items], locale=_locale(locale_code()))


def exact(moment: datetime) -> str:
    """To the second and with its zone, for titles."""
    return f"{day(moment)} {moment:%H:%M:%S} {moment:%Z}"
