"""Texts, links out of the house and pictures as markup. No link is made of an address that is none."""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import urlsplit

from django.utils.html import format_html
from django.utils.safestring import SafeString

from backoffice.resources import Field, Kind

LONGEST_TITLE = 300  # characters
_FITS = 20  # characters that a cell shows whole
# An IBAN, or digits in groups.
_ACCOUNT = re.compile(r"[A-Z]{2}\d{2}(?: ?[A-Z0-9]){11,30}|\d(?:[ -]?\d){6,25}")


def as_text(value: Any) -> str:
    """Any JSON value as one text: strings as they are, the rest as JSON."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def cut(text: str) -> SafeString:
    """One line; a text that may not fit has the whole of it in the title."""
    if len(text) <= _FITS:
        return format_html('<bdi dir="auto">{}</bdi>', text)
    return format_html('<bdi class="cut" dir="auto" title="{}">{}</bdi>', text[:LONGEST_TITLE], text)


def web_address(value: Any, *, schemes: tuple[str, ...] = ("http", "https")) -> str:
    """The address where it leads to a web site; "" for anything else, such as `javascript:`."""
    text = value.strip() if isinstance(value, str) else ""
    try:
        parts = urlsplit(text)
        return text if parts.scheme.lower() in schemes and parts.hostname else ""
    except ValueError:
        return ""


def link_html(text: str, *, short: bool = False) -> SafeString:
    """A link out of the house, or plain text where the address is none that a browser should follow."""
    url = web_address(text)
    if not url:
        return cut(text) if short else format_html('<bdi dir="auto">{}</bdi>', text)
    shown = text.partition("://")[2].removeprefix("www.").rstrip("/") if short else text
    return format_html(
        '<a class="{}" href="{}" title="{}" rel="noopener noreferrer" dir="ltr">{}</a>',
        "cut" if short else "web",
        url,
        text[:LONGEST_TITLE],
        shown,
    )


def picture_html(address: Any, *, large: bool = False) -> SafeString:
    """A small picture in a place of fixed size, empty where there is none that may be shown: https only.

    The size is the place's, not the picture's: with one of its own, a picture that fails would show as broken.
    """
    url = web_address(address, schemes=("https",))
    image = '<img src="{}" alt="" loading="lazy" decoding="async" referrerpolicy="no-referrer">'
    inner = format_html(image, url) if url else ""
    return format_html('<span class="{}">{}</span>', "picture picture-large" if large else "picture", inner)


def may_copy(field: Field, value: Any) -> bool:
    """Whether copying is offered: by what the field is, or where a text looks like a number of an account."""
    return field.copied or (field.kind is Kind.TEXT and isinstance(value, str) and bool(_ACCOUNT.fullmatch(value)))
