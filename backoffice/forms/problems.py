"""Where a complaint of Flowtly belongs on a form: at the field its path names, else in words on top."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from backoffice.resources import Kind, Resource

Problem = tuple[str, str]  # property path ("" for the whole record), message

_QUOTED_ATTRIBUTE = re.compile(r'"(?P<before>\w+)" attribute|attribute "(?P<after>\w+)"')
_QUOTED_IRI = re.compile(r'(?:Invalid IRI|Item not found for) "(?P<iri>[^"]*)"')


def problems_of(error: Mapping[str, Any] | None) -> list[Problem]:
    """The complaints stored with a refused step: its violations, else its one message."""
    error = error or {}
    found = [(str(path or ""), str(message)) for path, message in error.get("violations") or ()]
    return found or [("", str(error.get("message") or ""))]


def placed(
    problems: Iterable[Problem], resource: Resource, inputs: Iterable[str], sent: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    """(input or "", message) for each complaint.

    A path is matched by its first segment ("addresses[0].city" belongs to "addresses"); a 400 without a path by
    the attribute or the address of a related record that it quotes. `sent` are the values as posted.
    """
    offered = frozenset(inputs)
    for path, message in problems:
        name = _first(path) if path else _quoted(message, resource, sent)
        if name in offered:
            rest = path[len(name) :] if path else ""
            yield name, f"{_in_words(rest, resource)}: {message}" if rest.strip(".[]") else message
        elif path:
            yield "", f"{_in_words(path, resource)}: {message}"
        else:
            yield "", message


def _segments(path: str) -> list[str]:
    return [part for part in re.split(r"[.\[\]]+", path) if part]


def _first(path: str) -> str:
    return next(iter(_segments(path)), "")


def _quoted(message: str, resource: Resource, sent: Mapping[str, Any]) -> str:
    if found := _QUOTED_ATTRIBUTE.search(message):
        return found["before"] or found["after"]
    if found := _QUOTED_IRI.search(message):
        iri = found["iri"]
        names = [item.name for item in resource.fields if item.kind is Kind.REFERENCE]
        return next((name for name in names if sent.get(name) == iri), "")
    return ""


def _in_words(path: str, resource: Resource) -> str:
    """`clientContacts[0].email` as "Contacts 1, email"."""
    words = ""
    for part in _segments(path):
        if part.isdecimal():
            words += f" {int(part) + 1}"
        else:
            item = resource.by_name.get(part)
            spaced = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", part).lower()
            words += (", " if words else "") + (str(item.label) if item else spaced)
    return words.strip()
