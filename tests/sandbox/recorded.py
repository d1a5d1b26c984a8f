"""The recordings: requests with the answers of a real server, and the data that server held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from backoffice.sandbox.storage import Chunk

WIRE = Path(__file__).parents[2].parent / "shared" / "wire"
_NAMES = ("Skagen", "Øresund", "Baltic", "Fjord", "Havn", "Møller", "Nordisk", "Ærø", "Lund", "Żubr")
_COUNTRIES = (("Danmark", "DK"), ("Polska", "PL"), ("Sverige", "SE"), ("Deutschland", "DE"), ("Norge", "NO"))
_CURRENCIES = (("Krone", "DKK"), ("Złoty", "PLN"), ("Krona", "SEK"), ("Euro", "EUR"))
_START = datetime(2024, 1, 1, 8, tzinfo=UTC)


@dataclass(frozen=True)
class Message:
    """One side of an exchange; header names in lower case, several values of one joined by a comma."""

    first_line: str
    headers: dict[str, str]
    body: bytes

    @classmethod
    def read(cls, raw: bytes) -> Message:
        head, _, body = raw.partition(b"\n\n")
        first, *lines = head.decode().replace("\r", "").split("\n")
        headers: dict[str, str] = {}
        for name, _, value in (line.partition(": ") for line in lines):
            known = headers.get(name.lower())
            headers[name.lower()] = f"{known}, {value}" if known else value
        return cls(first, headers, body.rstrip(b"\n"))


@dataclass(frozen=True)
class Exchange:
    case: int
    request: Message
    answer: Message

    @property
    def method(self) -> str:
        return self.request.first_line.split(" ")[0]

    @property
    def target(self) -> str:
        return self.request.first_line.split(" ")[1]

    @property
    def status(self) -> int:
        return int(self.answer.first_line.split(" ")[1])


def exchanges(folder: str) -> Iterator[Exchange]:
    """The exchanges of one version, in the order in which they were recorded on one server."""
    for file in sorted((WIRE / folder).glob("*.http")):
        asked, _, answered = file.read_bytes().partition(b"--- answer ---\n")
        yield Exchange(int(file.name[:3]), Message.read(asked), Message.read(answered))


def without_chance(text: str) -> str:
    """Leaves out what differs from run to run: the port, moments, generated ids."""
    text = re.sub(r"127\.0\.0\.1:\d+", "HOST", text)
    text = re.sub(r"20(2[5-9]|[3-9]\d)-\d\d-\d\dT[\d:]+\+00:00", "NOW", text)
    text = re.sub(r'"token":"[^"]+"', '"token":"TOKEN"', text)
    return re.sub(r"01[9a-f][0-9a-f]{5}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}", "UUID7", text)


def data() -> Iterator[Chunk]:
    """The rows of the recorded server, as far as the recordings show them."""
    yield "countries", [(str(number), *each) for number, each in enumerate(_COUNTRIES, 1)]
    yield "currencies", [(str(number), *each) for number, each in enumerate(_CURRENCIES, 1)]
    yield "employees", [(number, f"Employee {number}", f"e{number}@example.com") for number in range(1, 8)]
    yield "attribute-sets", [(1, "Standard")]
    yield "counterparties", [_counterparty(number) for number in range(1, 301)]
    yield "clients", [_client(number) for number in range(1, 301)]
    yield "client-contacts", list(_contacts())
    yield "client-notes", [_note(number) for number in range(3, 301, 3)]
    yield "documents", [(1, 2, "F-2024-2", "200.5", "2024-01-03T08:00:00+00:00")]


def _counterparty(number: int) -> tuple[Any, ...]:
    return (
        number,
        ("vendor", "customer", "bank", "other")[number % 4],
        number % 2 == 0,
        number % 5 == 0,
        number % 9 == 0,
        f"https://logo.example/seed/{number}.png" if number % 10 == 0 else None,
        f"https://cp{number}.example/" if number % 4 == 0 else None,
        f"{_NAMES[(number - 1) % 10]} Counterparty {number:03}",
        "truck" if number % 8 == 0 else None,
    )


def _client(number: int) -> tuple[Any, ...]:
    country = number % 5 + 1
    placed = number % 3 != 0
    return (
        number,
        str(country),
        str(number % 4 + 1),
        None,
        ("active", "inactive", "lead")[number % 3],
        1 if number % 10 == 0 else None,
        f"{_NAMES[(number + 6) % 10]} Client {number:03}",
        (8, 14, 30)[number % 3],
        ("cvr", "vat")[number % 2],
        _COUNTRIES[country - 1][1],
        f"10000{number:03}",
        *(None, None, None),
        "da",
        None,
        "Aarhus" if placed else None,
        *(None, None, None, None),
        str(country) if placed else None,
        f"DK10000{number:03}" if number % 2 else None,
        *(None, None),
    )


def _contacts() -> Iterator[tuple[Any, ...]]:
    key = 0
    for client in range(1, 301):
        for position in range(client % 3):
            key += 1
            made = (_START + timedelta(hours=client)).isoformat(timespec="seconds")
            address, name = f"c{client}.{position}@example.com", f"Contact {client}/{position}"
            yield key, client, "invoice", position, address, name, None, None, made, made


def _note(client: int) -> tuple[Any, ...]:
    made = (_START + timedelta(days=client)).isoformat(timespec="seconds")
    key = f"018cc0de-0000-7000-8000-{client:012}"
    return key, client, client % 5 + 1, f"Note about client {client}", made, made
