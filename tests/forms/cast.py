"""What the form tests are made of: one client as Flowtly gives it, and a form on it."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from backoffice.forms.basis import Basis
from backoffice.forms.records import Offered, RecordForm, build_form
from backoffice.resources.clients import CLIENTS

CLIENT: dict[str, Any] = {
    "@id": "/clients/7",
    "@type": "Client",
    "country": "/countries/DK",
    "currency": "/currencies/DKK",
    "defaultCost": "/counterparties/17",
    "status": "active",
    "name": "Nordlys Byg A/S",
    "dueDays": 14,
    "tinType": "cvr",
    "tinCountry": "DK",
    "tin": "13585628",
    "documentsLanguage": "da",
    "invoiceComment": "Line one\nline two",
    "addressCity": " Aarhus ",
}
OFFERED = Offered(
    lists={
        "countries": [("/countries/DK", "Denmark"), ("/countries/PL", "Poland")],
        "currencies": [("/currencies/DKK", "DKK"), ("/currencies/EUR", "EUR")],
        "attribute-sets": [("/attribute-sets/1", "Standard")],
    },
    seen={"status": ["active", "lead"], "tinType": ["cvr", "vat"], "documentsLanguage": ["da", "pl"]},
    names={"/counterparties/17": "Office costs"},
)


def basis(**other: Any) -> Basis:
    return Basis.of_record(CLIENTS.decode({**CLIENT, **other}))


def rendered(of: Basis) -> dict[str, str]:
    """What a browser posts when nothing is touched: each input as rendered, textareas with CRLF."""
    form = build_form(CLIENTS, basis=of, offered=OFFERED)()
    return {name: str(form[name].value() or "").replace("\n", "\r\n") for name in form.fields}


def posted(data: dict[str, str]) -> QueryDict:
    query = QueryDict(mutable=True)
    for name, value in data.items():
        query[name] = value
    return query


def edited(of: Basis | None = None, **typed: str) -> RecordForm:
    """The edit form, submitted with `typed` over what was rendered."""
    of = of or basis()
    return build_form(CLIENTS, basis=of, offered=OFFERED)(posted({**rendered(of), **typed}))


def created(**typed: str) -> RecordForm:
    return build_form(CLIENTS, basis=Basis.of_nothing(CLIENTS), offered=OFFERED)(posted(typed))
