"""Whom a redaction is about: the keys of one record, what tells it apart, and how it is found in other records."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any
from urllib.parse import quote

from backoffice.resources import PAGES, REGISTRY, Children, Field, Kind, Resource
from backoffice.resources.redacted import MARK, is_redacted, marked
from backoffice.resources.schema import key_of, key_of_iri

# The people who sign in here; they are no entity of Flowtly.
ACCOUNTS = "users"
# What may be redacted: whatever has pages, employees, and our own accounts.
ENTITIES: tuple[str, ...] = (*PAGES, "employees", ACCOUNTS)
_WORD = re.compile(r"\w{4,}")
_SHORTEST = 4  # characters of a text that may tell somebody apart
_DIGITS = 6  # of a number that may
_IDENTITY = {"@id", "@type", "@context", "id"}
EMPTY: tuple[Any, ...] = (None, "", [], {})


@dataclass(frozen=True)
class Person:
    """One record. `keys` holds also those under which it was created again from a copy.

    `told`: texts that tell this one apart from others (name, e-mail, tax number, phone), folded. `compared`: as
    what it stands in statistics of duplicates (duplicates.veiling.texts_of). `steps` and `entries`: the primary
    keys of the plans' steps and audit entries that may hold the person.
    """

    entity: str
    key: str
    keys: frozenset[str]
    told: frozenset[str] = frozenset()
    compared: frozenset[str] = frozenset()
    steps: tuple[int, ...] = ()
    entries: tuple[int, ...] = ()

    @property
    def resource(self) -> Resource | None:
        return REGISTRY.get(self.entity)

    @cached_property
    def needles(self) -> list[str]:
        """Texts of which one stands in any JSON that names this record by its address."""
        if self.resource is None:
            return []
        tails = {f"{_tail(self.resource)}/{form}" for key in self.keys for form in (key, quote(key, safe=""))}
        return sorted({written for tail in tails for written in as_written(tail, end='"')})

    @cached_property
    def bare_needles(self) -> list[str]:
        """The same for records that come embedded without an address, by their number alone."""
        found = {f'"id": "{key}"' for key in self.keys}
        return sorted(found | {f'"id": {key}{end}' for key in self.keys if key.isdecimal() for end in ",}"})

    def said_in(self, text: str) -> bool:
        """Whether a text names this person."""
        text = folded(text)
        return any(each in text for each in self.told)

    def searched_by(self, text: str) -> bool:
        """Whether a text in which somebody says what they looked for may mean this one."""
        its_own = {word for each in self.told for word in _WORD.findall(each)}
        return any(own.startswith(word) for word in _WORD.findall(folded(text)) for own in its_own)

    def like(self, values: Mapping[str, Any]) -> bool:
        """Whether values without a key are this person's: one that tells people apart is the same."""
        return bool(self.told & set(self.telling(values)))

    def telling(self, values: Mapping[str, Any]) -> Iterator[str]:
        """The texts among some values of this entity that tell a record apart."""
        fields = self.resource.by_name if self.resource else {}
        for name, value in values.items():
            if name in fields and fields[name].personal and isinstance(value, str):
                text = folded(value)
                if len(text) >= _SHORTEST and self._tells(fields[name], text):
                    yield text

    def _tells(self, field: Field, text: str) -> bool:
        assert self.resource is not None
        named = field.name == self.resource.label_field or field.name in self.resource.other_label_fields
        return named or field.kind in (Kind.EMAIL, Kind.TAX_ID) or sum(map(str.isdigit, text)) >= _DIGITS

    def is_embedded(self, held: Mapping[str, Any], *, within: str) -> bool:
        """Whether an object inside another record is this one; `within` is the entity expected there."""
        resource = self.resource
        if resource is None or key_of(held) not in self.keys:
            return False
        iri = held.get("@id")
        if isinstance(iri, str) and "/" in iri.strip("/"):
            return iri.rstrip("/").rsplit("/", 2)[-2] == _tail(resource)
        return held.get("@type") == resource.type or within == self.entity

    def taken_from(self, value: Any, *, within: str = "") -> Any:
        """The value without this person: each embedded copy of the record has become a mark with its address."""
        if isinstance(value, list):
            return [self.taken_from(part, within=within) for part in value]
        if not isinstance(value, dict) or is_redacted(value):
            return value
        if value.keys() - _IDENTITY and self.is_embedded(value, within=within):
            iri = value.get("@id")
            return marked(iri if isinstance(iri, str) else key_of(value))
        return {name: self.taken_from(part, within=within) for name, part in value.items()}

    def embedded_in(self, value: Any, *, within: str = "") -> Iterator[Mapping[str, Any]]:
        """The embedded copies of this record in a value."""
        if isinstance(value, list):
            for part in value:
                yield from self.embedded_in(part, within=within)
        elif isinstance(value, dict):
            if self.is_embedded(value, within=within):
                yield value
            for part in value.values():
                yield from self.embedded_in(part, within=within)


def taken_out(resource: Resource, name: str, value: Any) -> Any:
    """A value of the person's own record: personal ones, and those nobody declared, become the mark."""
    field = resource.by_name.get(name)
    return MARK if value not in EMPTY and (field is None or field.personal) else value


def hosts(slug: str) -> dict[str, str]:
    """The fields of an entity that hold other records whole, with the entity they hold."""
    resource = REGISTRY.get(slug)
    tabs = resource.tabs if resource else ()
    return {tab.embedded: tab.entity for tab in tabs if isinstance(tab, Children) and tab.embedded}


def hosting(entity: str) -> list[str]:
    """The entities whose records may hold records of this one whole."""
    return [slug for slug in REGISTRY if entity in hosts(slug).values()]


def folded(text: str) -> str:
    return " ".join(text.casefold().split())


def as_written(text: str, *, end: str = "") -> Iterable[str]:
    """How a text stands in stored JSON: PostgreSQL keeps letters as they are, SQLite has them escaped."""
    return {json.dumps(text, ensure_ascii=ascii_only)[1:-1] + end for ascii_only in (True, False)}


def _tail(resource: Resource) -> str:
    return key_of_iri(resource.path)
