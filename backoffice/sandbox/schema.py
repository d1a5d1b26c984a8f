"""The entities as Flowtly publishes them: fields, types, nullability, order of members, filters.

Members come out in the order in which they are declared here, as a PHP class would give them. What the
published field lists do not say (filters, enumerated values) follows the recorded server.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal

Kind = Literal["string", "int", "bool", "datetime", "iri", "json", "links", "constant"]
"""`links` is the inverse side of a relation, `constant` a value the server computes: neither has a column."""

CONTACT_TYPES = ("invoice", "contract", "general")
CLIENT_STATUSES = ("active", "inactive", "lead")
TIN_TYPES = ("vat", "cvr", "nip", "orgnr", "none")
COUNTERPARTY_TYPES = ("vendor", "customer", "bank", "other")


@dataclass(frozen=True)
class Field:
    name: str
    kind: Kind = "string"
    nullable: bool = True
    required: bool = False
    writable: bool = True
    default: object = None
    choices: tuple[str, ...] = ()
    max_length: int | None = None
    minimum: int | None = None
    check: Literal["email", "url"] | None = None
    target: str = ""
    """Path of the resource that an `iri` or `links` field points at."""
    exact: bool = False
    """A string filter on this field compares the whole value; otherwise it looks for a part of it."""

    @property
    def stored(self) -> bool:
        return self.kind not in ("links", "constant")


@dataclass(frozen=True, eq=False)
class Resource:
    path: str
    name: str
    fields: tuple[Field, ...]
    key: Literal["int", "uuid", "code"] = "int"
    shows_id: bool = True
    group: str = ""
    """Serialization group in the names of the OpenAPI schemas; empty where read and write are one schema."""
    filters: tuple[str, ...] = ()
    touched: bool = False
    """Keeps createdAt and updatedAt."""
    operations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unpaged: bool = False

    @cached_property
    def by_name(self) -> dict[str, Field]:
        return {each.name: each for each in self.fields}

    @cached_property
    def columns(self) -> tuple[Field, ...]:
        return tuple(each for each in self.fields if each.stored)

    @cached_property
    def patchable(self) -> bool:
        return "PATCH" in self.operations.get("item", ())

    def relations(self) -> Iterator[Field]:
        return (each for each in self.columns if each.kind == "iri")


def _iri(name: str, target: str, **options: Any) -> Field:
    return Field(name, "iri", target=target, **options)


def _stamp(name: str) -> Field:
    return Field(name, "datetime", nullable=False, writable=False)


CLIENT = Resource(
    "clients",
    "Client",
    (
        _iri("country", "countries", nullable=False, required=True),
        _iri("currency", "currencies", nullable=False, required=True),
        _iri("defaultCost", "counterparties"),
        Field("status", nullable=False, required=True, choices=CLIENT_STATUSES, exact=True),
        _iri("attributeSet", "attribute-sets"),
        Field("name", nullable=False, required=True, max_length=255),
        Field("dueDays", "int", nullable=False, default=14, minimum=0),
        Field("tinType", nullable=False, required=True, choices=TIN_TYPES, exact=True),
        Field("tinCountry", exact=True),
        Field("tin", exact=True),
        Field("externalPaymentCustomerId"),
        Field("invoiceComment"),
        Field("defaultTaxRate", exact=True),
        Field("documentsLanguage", nullable=False, default="da", exact=True),
        Field("addressPhoneNumber"),
        Field("addressCity"),
        Field("addressPostCode"),
        Field("addressStreetLine"),
        Field("addressBuildingNumber"),
        Field("addressLocaleNumber"),
        _iri("addressCountry", "countries"),
        Field("clientContacts", "links", nullable=False, writable=False, target="client-contacts"),
        Field("vatNumber"),
        Field("costGroup", "json", writable=False),
        Field("costGroupIcon", writable=False),
    ),
    shows_id=False,
    group="client",
    filters=(
        "name",
        "status",
        "tin",
        "country",
        "country.code",
        "currency",
        "order[id]",
        "order[name]",
        "order[status]",
        "order[dueDays]",
        "exists[tin]",
    ),
    operations={"collection": ("GET", "POST"), "item": ("GET", "PATCH")},
)

CLIENT_CONTACT = Resource(
    "client-contacts",
    "ClientContact",
    (
        _iri("client", "clients"),
        Field("type", nullable=False, required=True, exact=True),
        Field("position", "int", nullable=False, default=0),
        Field("email", nullable=False, required=True, check="email"),
        Field("name", nullable=False, required=True),
        Field("title"),
        Field("phone"),
        _stamp("createdAt"),
        _stamp("updatedAt"),
        Field("possibleTypes", "constant", nullable=False, writable=False, default=CONTACT_TYPES),
    ),
    group="cc",
    filters=(
        "client",
        "email",
        "name",
        "type",
        "order[id]",
        "order[position]",
        "order[name]",
        "order[createdAt]",
    ),
    touched=True,
    operations={"collection": ("GET", "POST"), "item": ("GET", "PATCH", "DELETE")},
)

CLIENT_NOTE = Resource(
    "client-notes",
    "ClientNote",
    (
        _iri("client", "clients", nullable=False, required=True),
        _iri("employee", "employees", nullable=False, required=True),
        Field("note", nullable=False, required=True),
        _stamp("createdAt"),
        _stamp("updatedAt"),
    ),
    key="uuid",
    group="cn",
    filters=(
        "client",
        "employee",
        "note",
        "createdAt",
        "order[createdAt]",
        "order[updatedAt]",
    ),
    touched=True,
    operations={"collection": ("GET", "POST"), "item": ("GET", "PATCH", "DELETE")},
)

COUNTERPARTY = Resource(
    "counterparties",
    "Counterparty",
    (
        Field("type", nullable=False, default="vendor", choices=COUNTERPARTY_TYPES, exact=True),
        Field("requireAttachment", "bool", nullable=False, default=False),
        Field("cyclic", "bool", nullable=False, default=False),
        Field("budgetNeutral", "bool", nullable=False, default=False),
        Field("logoUrl", check="url"),
        Field("corporateWebsiteUrl", check="url"),
        Field("displayName", nullable=False, default="", max_length=255),
        Field("costGroupIcon"),
    ),
    group="cp",
    filters=(
        "displayName",
        "type",
        "cyclic",
        "requireAttachment",
        "budgetNeutral",
        "order[id]",
        "order[displayName]",
        "order[type]",
    ),
    operations={"collection": ("GET", "POST"), "item": ("GET", "PATCH", "DELETE")},
)

_READ_ONLY: Mapping[str, tuple[str, ...]] = {"collection": ("GET",), "item": ("GET",)}


def _text(name: str) -> Field:
    return Field(name, nullable=False)


COUNTRY = Resource("countries", "Country", (_text("name"), _text("code")), key="code", operations=_READ_ONLY)
CURRENCY = Resource("currencies", "Currency", (_text("name"), _text("code")), key="code", operations=_READ_ONLY)
EMPLOYEE = Resource("employees", "Employee", (_text("name"), _text("email")), operations=_READ_ONLY)
COST_GROUP = Resource(
    "cost-groups", "CostGroup", (_text("name"), _text("type"), Field("icon")), operations=_READ_ONLY
)
ATTRIBUTE_SET = Resource("attribute-sets", "AttributeSet", (_text("name"),), operations=_READ_ONLY)
DOCUMENT = Resource(
    "documents",
    "Document",
    (
        _iri("client", "clients", nullable=False),
        _text("number"),
        Field("amount", nullable=False, default="0.00"),
        Field("issuedAt", "datetime", nullable=False),
    ),
    operations={"item": ("GET",)},
    unpaged=True,
)

RESOURCES: tuple[Resource, ...] = (
    ATTRIBUTE_SET,
    CLIENT,
    CLIENT_CONTACT,
    CLIENT_NOTE,
    COST_GROUP,
    COUNTERPARTY,
    COUNTRY,
    CURRENCY,
    DOCUMENT,
    EMPLOYEE,
)
BY_PATH: dict[str, Resource] = {each.path: each for each in RESOURCES}
