"""Records named by what people have at hand: numbers, tax numbers in any notation, addresses of pages."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from django.utils.translation import gettext as _

from backoffice.models import ROWS, User
from backoffice.resources import Kind, Resource
from backoffice.resources.schema import is_key, key_of_iri
from backoffice.services import fresh, index, selections
from backoffice.services.index.rows import compact
from backoffice.services.transfer.twins import forms, known

MOST_LINES = 10_000
_AT_ONCE = 500
_BETWEEN = re.compile(r"[\n\r,;\t]+")
_COUNTRY = re.compile(r"[A-Z]{2,3}(?=[0-9A-Z]*\d)")
_SHOWN = 10  # records that several matches name


@dataclass(frozen=True)
class Missed:
    """A term that named no record, or not one alone."""

    term: str
    why: str


@dataclass
class Pasted:
    """`keys`: the records that were found, each once; `missed` in the order in which they stood."""

    keys: list[str] = field(default_factory=list)
    missed: list[Missed] = field(default_factory=list)


@dataclass(frozen=True)
class _Term:
    """What somebody wrote: the `key` it may be, and the tax `number`; `foreign`: an address of another list."""

    text: str
    key: str = ""
    number: str = ""
    foreign: bool = False


def terms_in(text: str) -> list[str]:
    """The terms of a pasted text, one on each line or between commas, semicolons and tabs."""
    found = (part.strip().strip("\"'").strip() for part in _BETWEEN.split(text.replace("\x00", "")))
    return list(dict.fromkeys(filter(None, found)))


def add(*, owner: User, resource: Resource, terms: Sequence[str]) -> Pasted:
    """Find these and add them to what the person has selected. At most MOST_LINES terms.

    Raises selections.TooMany, and the errors of the API client, with nothing added.
    """
    found = find(resource=resource, terms=terms)
    selections.change(owner=owner, resource=resource, add=found.keys)
    return found


def find(*, resource: Resource, terms: Sequence[str]) -> Pasted:
    """Which records these name. Tax numbers by the copy, else by reading the list once; numbers likewise, and what
    the copy does not know is looked for in Flowtly itself."""
    if len(terms) > MOST_LINES:
        raise ValueError("more terms than are looked for at once")
    wanted = [_term(resource, text) for text in terms]
    there = _there(resource, {term.key for term in wanted if term.key})
    holders = _holders(resource, {term.number for term in wanted if term.number})
    names: dict[str, str] = {key: label for each in holders.values() for key, label in each.items()}
    found, keys = Pasted(), dict[str, None]()
    for term in wanted:
        hits = dict.fromkeys([term.key] if term.key in there else [])
        hits |= dict.fromkeys(holders.get(term.number, {}))
        if len(hits) == 1:
            keys |= hits
        else:
            found.missed.append(Missed(term.text, _why(resource, term, list(hits), names)))
    found.keys = list(keys)
    return found


def _term(resource: Resource, text: str) -> _Term:
    if "/" in text and (re.match(r"https?://|/", text) or not index.looks_like_number(text)):
        return _address(resource, text)
    key = text if is_key(text) and (not resource.numbered or text.isdecimal()) else ""
    number = compact(text).upper() if index.looks_like_number(text) and _has_numbers(resource) else ""
    return _Term(text, key, number)


def _address(resource: Resource, text: str) -> _Term:
    """The address of a page here, or that of the record in Flowtly; both name the list before the number."""
    parts = [unquote(part) for part in urlsplit(text).path.split("/") if part]
    for place in range(len(parts) - 1):
        if parts[place] in (resource.slug, key_of_iri(resource.path)) and is_key(parts[place + 1]):
            return _Term(text, key=parts[place + 1])
    return _Term(text, foreign=True)


def _has_numbers(resource: Resource) -> bool:
    return any(item.kind is Kind.TAX_ID for item in resource.fields)


def _why(resource: Resource, term: _Term, hits: Sequence[str], names: dict[str, str]) -> str:
    if hits:
        shown = ", ".join(f"{names[key]} ({key})" if key in names else key for key in hits[:_SHOWN])
        return _("Several match: %(records)s. Write the number of the one that is meant.") % {"records": shown}
    if term.foreign:
        return _("This is not the address of a %(entity)s.") % {"entity": resource.label}
    if not term.key and not term.number:
        return _("This is neither a number nor an address.")
    return _("No %(entity)s has this number.") % {"entity": resource.label}


def _there(resource: Resource, keys: set[str]) -> set[str]:
    """Those of the keys that are records: by the copy, and for the rest by Flowtly."""
    found: set[str] = set()
    if index.age(resource) is not None:
        rows = ROWS[resource.slug]._default_manager
        for portion in _portions(sorted(keys)):
            found.update(rows.filter(key__in=portion).values_list("key", flat=True))
    left = sorted(keys - found)
    there = fresh.records(resource=resource, keys=left, gone=[], listed=True) if left else ()
    for record in there:
        found.add(record.key)
    return found


def _holders(resource: Resource, numbers: set[str]) -> dict[str, dict[str, str]]:
    """Key and name of the records that have each of these tax numbers.

    A country in front counts where both have one; one of the two may lack it.
    """
    if not numbers:
        return {}
    wanted: dict[str, set[str]] = {}
    for number in numbers:
        for form in (number, _bare(number)):
            wanted.setdefault(form, set()).add(number)
    found: dict[str, dict[str, str]] = {}
    for key, label, values in known(resource):
        for held in forms(values.values()):
            for form in {held, _bare(held)}:
                for number in wanted.get(form, ()):
                    if _agree(number, held):
                        found.setdefault(number, {})[key] = label
    return found


def _bare(number: str) -> str:
    return _COUNTRY.sub("", number, count=1) if _COUNTRY.match(number) else number


def _agree(one: str, other: str) -> bool:
    """Equal, or equal but for the country that one of the two has in front."""
    return one == other or (_bare(one) == _bare(other) and (one == _bare(one) or other == _bare(other)))


def _portions(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))
