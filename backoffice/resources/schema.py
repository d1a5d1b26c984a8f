"""How an entity is declared: a Resource names its path and its Fields; everything else derives from them.

The vocabulary follows the Django admin (`list_display`, `list_filter`, `search_fields`, `fieldsets`). Payloads are
decoded by the Resource alone. Nothing here knows the API client or Django's request cycle.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from django.utils.functional import Promise

if TYPE_CHECKING:
    from backoffice.resources.criteria import Watch

Text = str | Promise
Scalar = str | int | float | bool | None
_BEGINNING = 60  # characters of a long text that stand for a name


class Kind(StrEnum):
    """What a value is; forms, cells, diffs and exports choose their markup by it."""

    TEXT = "text"
    LONG_TEXT = "long_text"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    EMAIL = "email"
    URL = "url"
    IMAGE = "image"  # the address of a picture
    CHOICE = "choice"  # open: the values seen are offered, others are taken
    COUNTRY_CODE = "country_code"  # ISO 3166 alpha-2, named through Babel
    LANGUAGE = "language"  # ISO 639, named through Babel
    TAX_ID = "tax_id"
    REFERENCE = "reference"  # another record, by the IRI that the server gave
    LIST = "list"  # shown, never sent
    TIMESTAMP = "timestamp"


SEGMENT = r"[^/?#\s\x00-\x1f\x7f]{1,200}"  # of an address; "." and ".." are none
_WHOLE = re.compile(r"-?[0-9]{1,18}")
_COPIED = (Kind.TAX_ID, Kind.EMAIL, Kind.URL)


class UndecodableRecord(ValueError):
    """A payload that is no object or carries neither `@id` nor `id`."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """One member of an entity.

    `required`: refused when empty. `nullable`: whether null may be sent; a field that is neither required nor
    nullable may be left out of a new record but not emptied on an old one. `references`: the slug of the
    Resource that a REFERENCE names. `sensitive` and `personal` mark fields for approval and redaction.
    `choices_from`: another member that carries what this one may hold (a list, a map or a text). `author`: filled
    with the employee who is linked to the person that creates the record, and never by hand. `matchable`: what of
    a company it is when duplicates are looked for (a field of matching.Record); of several, the first that is
    filled, but parts of a street are joined.
    """

    name: str
    label: Text
    kind: Kind = Kind.TEXT
    help: Text = ""
    required: bool = False
    nullable: bool = True
    read_only: bool = False
    references: str = ""
    observed: bool = False
    max_length: int | None = None
    sensitive: bool = False
    personal: bool = False
    bulk_editable: bool = False
    matchable: str = ""
    choices_from: str = ""
    author: bool = False

    @property
    def clearable(self) -> bool:
        return self.nullable and not self.required and not self.read_only

    @property
    def numeric(self) -> bool:
        """Whether a list shows a number: a list in a list is shown as its length."""
        return self.kind in (Kind.INTEGER, Kind.LIST)

    @property
    def copied(self) -> bool:
        """Whether people carry its values to other places: numbers of papers, addresses of all sorts."""
        return self.kind in _COPIED or self.name == "id"

    def decode(self, value: Any, base: str = "") -> Any:
        """The value as the rest of the product holds it: scalars, an IRI for a reference, lists as they came.

        A number that came as text, a text that came as a number and a truth that came as 0 or 1 are what the field
        says; so nothing looks changed that is not. `base` stands before the path of a relation that came without
        its address.
        """
        match self.kind, value:
            case Kind.REFERENCE, _:
                return reference_iri(value) or self._address(value, base)
            case Kind.INTEGER, str() if _WHOLE.fullmatch(value):
                return int(value)
            case Kind.BOOLEAN, 0 | 1:
                return bool(value)
            case ((Kind.TEXT | Kind.LONG_TEXT | Kind.TAX_ID), int()) if not isinstance(value, bool):
                return str(value)
        return value

    def _address(self, value: Any, base: str) -> str | None:
        """Of a relation that came as its key, or as an object without @id; it is not to be taken for empty."""
        key = key_of(value) if isinstance(value, dict) else value
        known = self.references and isinstance(key, str | int) and not isinstance(key, bool) and key != ""
        return f"{base}/{self.references}/{key}" if known else None

    def same(self, one: Any, other: Any) -> bool:
        """Whether two values mean the same: null and empty do, and so do two IRIs of one record."""
        if _empty(one) or _empty(other):
            return _empty(one) and _empty(other)
        if self.kind is Kind.REFERENCE:
            return str(one).rstrip("/").rsplit("/", 2)[-2:] == str(other).rstrip("/").rsplit("/", 2)[-2:]
        return bool(one == other) and isinstance(one, bool) == isinstance(other, bool)


@dataclass(frozen=True, kw_only=True)
class Fieldset:
    name: str
    label: Text
    fields: tuple[str, ...]
    help: Text = ""


@dataclass(frozen=True, kw_only=True)
class Children:
    """A tab of the records that point at one: those of `entity` (a slug) whose field `parent` names it.

    `name` is the tab's place in the address. `order` is the field they stand in order by, with a minus for newest
    first; they can be moved where it is an editable number. `timeline` shows them as one instead of as a table.
    `embedded` is the member of the one record that may hold them whole. `owned`: they belong to this record alone,
    so a new one begins here and looking through all of them is worth it where the API cannot filter.
    """

    name: str
    label: Text
    entity: str
    parent: str
    order: str = ""
    timeline: bool = False
    embedded: str = ""
    owned: bool = True


@dataclass(frozen=True, kw_only=True)
class Subpath:
    """A tab of what the API has below the record's own path, in a shape that it does not publish."""

    name: str
    label: Text
    path: str


Tab = Children | Subpath


@dataclass(frozen=True)
class Record:
    """One record as read: `values` has every declared field (absent is None), `other` the undeclared members.

    `labels` maps the IRI of an embedded related record to the name found inside it.
    """

    resource: Resource
    key: str
    iri: str
    values: Mapping[str, Any]
    other: Mapping[str, Any] = field(default_factory=dict)
    present: frozenset[str] = frozenset()
    labels: Mapping[str, str] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The record's name, or its number where it has none."""
        return self.resource.label_of(self.values) or self.key

    def __getitem__(self, name: str) -> Any:
        return self.values[name]


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One entity of Flowtly. `slug` is its place in our URLs, `path` its collection in the API.

    `label_field` names a record (of a long text its beginning), else `other_label_fields` together. `short`: the
    list may be offered whole, any other is searched by name. `shortcut` is the key after `g` that opens the list.
    `image_field` holds the address of a small picture that stands before the name. `enrichable`: Flowtly looks
    up logo and website when asked. `mergeable`: it merges one into another. `findable`: the search for everything
    finds it, and shows the fields of `told_apart_by` below the name. `numbered`: its keys are numbers, as people
    quote them. `watched`: what home counts, because somebody has to see to it.
    """

    slug: str
    path: str
    type: str
    label: Text
    label_plural: Text
    fields: tuple[Field, ...]
    label_field: str
    icon: str = "record"
    search_path: str = ""
    list_display: tuple[str, ...] = ()
    list_filter: tuple[str, ...] = ()
    search_fields: tuple[str, ...] = ()
    fieldsets: tuple[Fieldset, ...] = ()
    editable: bool = True
    deletable: bool = False
    enrichable: bool = False
    mergeable: bool = False
    short: bool = False
    shortcut: str = ""
    image_field: str = ""
    other_label_fields: tuple[str, ...] = ()
    tabs: tuple[Tab, ...] = ()
    watched: tuple[Watch, ...] = ()
    findable: bool = False
    told_apart_by: tuple[str, ...] = ()
    numbered: bool = True

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {item.name: item for item in self.fields}

    @cached_property
    def editable_fields(self) -> tuple[Field, ...]:
        return tuple(item for item in self.fields if not item.read_only)

    @cached_property
    def author_field(self) -> Field | None:
        return next((item for item in self.fields if item.author), None)

    def item_path(self, key: str) -> str:
        """The record's address; a key is one segment of it, whatever it holds. ValueError for dots alone."""
        if key in ("", ".", ".."):
            raise ValueError("not the key of a record")
        return f"{self.path}/{quote(key, safe='')}"

    def label_of(self, values: Mapping[str, Any]) -> str:
        """The name of a record with these values; empty where they hold none."""
        first = " ".join(str(values.get(self.label_field) or "").split())
        if len(first) > _BEGINNING and self.by_name[self.label_field].kind is Kind.LONG_TEXT:
            first = first[:_BEGINNING].rpartition(" ")[0] or first[:_BEGINNING]
            first += "…"
        others = (str(values.get(name) or "").strip() for name in self.other_label_fields)
        return first or " ".join(filter(None, others))

    def tab(self, name: str) -> Tab | None:
        return next((tab for tab in self.tabs if tab.name == name), None)

    def fields_of(self, fieldset: Fieldset) -> tuple[Field, ...]:
        return tuple(self.by_name[name] for name in fieldset.fields)

    def decode(self, payload: Any) -> Record:
        """A Record from one member of a collection, or from an item.

        Raises UndecodableRecord where identity is missing.
        """
        if not isinstance(payload, dict):
            raise UndecodableRecord(f"{self.type}: a record must be an object.")
        iri = payload.get("@id") if isinstance(payload.get("@id"), str) else ""
        key = key_of(payload)
        if not key:
            raise UndecodableRecord(f"{self.type}: a record without @id and id.")
        base, found, _key = str(iri).partition(f"{self.path}/")
        base = base if found else ""
        values = {item.name: item.decode(payload.get(item.name), base) for item in self.fields}
        if "id" in values:
            values["id"] = payload.get("id", key)
        return Record(
            resource=self,
            key=key,
            iri=iri or self.item_path(key),
            values=values,
            other={
                k: v for k, v in payload.items() if k not in self.by_name and not k.startswith("@") and k != "id"
            },
            present=frozenset(payload),
            labels=dict(_embedded_labels(payload.get(item.name) for item in self.fields)),
        )


def key_of(payload: Mapping[str, Any]) -> str:
    """The last path segment of `@id`, else `id`, as a string; empty where there is neither."""
    iri = payload.get("@id")
    if isinstance(iri, str) and iri.rstrip("/"):
        return key_of_iri(iri)
    identity = payload.get("id")
    return str(identity) if isinstance(identity, str | int) and not isinstance(identity, bool) else ""


def is_key(text: str) -> bool:
    """Whether a record may have this key; the addresses of its pages take the same ones (converters.py)."""
    return re.fullmatch(rf"(?!\.{{1,2}}$){SEGMENT}", text) is not None


def key_of_iri(iri: str) -> str:
    return iri.rstrip("/").rsplit("/", 1)[-1]


def reference_iri(value: Any) -> str | None:
    """The IRI of a relation that came as an IRI or as an embedded object; None for null."""
    if isinstance(value, dict):
        inner = value.get("@id")
        return inner if isinstance(inner, str) and inner else None
    return value if isinstance(value, str) and value else None


def _empty(value: Any) -> bool:
    return value is None or value == ""


def _embedded_labels(values: Iterable[Any]) -> Iterable[tuple[str, str]]:
    for value in values:
        if isinstance(value, dict) and isinstance(value.get("@id"), str):
            name = next((value[k] for k in ("displayName", "name", "code") if isinstance(value.get(k), str)), "")
            if name:
                yield value["@id"], name
