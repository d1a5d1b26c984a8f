"""Which clients name which counterparties as their default cost, told by a fresh walk of all clients."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, cast

from backoffice.flowtly import errors
from backoffice.resources import PAGES, Field, Record
from backoffice.services.reading.decoding import decoded
from backoffice.services.upstream import client

CLIENTS, NAMED_IN = PAGES["clients"], "defaultCost"
_PROOFS = 3  # records read one by one to learn whether the list carries the field


@dataclass(frozen=True)
class Uses:
    """The clients by the address of the counterparty that they name, as (key, name).

    `known` is False where that field holds no addresses of counterparties, where the list does not carry it, or
    where its pages do not fit together: then nothing can be told, and nothing is to be repaired.
    """

    known: bool
    by: Mapping[str, Sequence[tuple[str, str]]] = field(default_factory=dict)

    def keys(self, iri: str) -> list[str]:
        return [key for key, _label in self.by.get(iri, ())]

    @property
    def total(self) -> int:
        return sum(map(len, self.by.values()))


def clients_naming(iris: Sequence[str]) -> Uses:
    """One walk of all clients, from Flowtly. Raises the errors of the API client."""
    try:
        return _walked(iris)
    except errors.ShiftedPages:
        return Uses(known=False)


def _walked(iris: Sequence[str]) -> Uses:
    item = CLIENTS.by_name[NAMED_IN]
    by: dict[str, list[tuple[str, str]]] = {iri: [] for iri in iris}
    carried, odd, samples = False, False, list[str]()
    walk = client().walk(CLIENTS.path, on_shift="restart")
    seen: set[str] = set()
    with closing(cast("Any", walk)):
        for member in walk:
            record = decoded(CLIENTS, member)
            if record.key in seen:
                continue
            seen.add(record.key)
            samples = [*samples, record.key] if len(samples) < _PROOFS else samples
            carried = carried or NAMED_IN in record.present
            odd = odd or not _is_address(record, iris)
            _note(by, item, record)
    if odd or not (carried or _empty_in(samples)):
        return Uses(known=False)
    return Uses(known=True, by=by)


def _note(by: Mapping[str, list[tuple[str, str]]], item: Field, record: Record) -> None:
    if not record[NAMED_IN]:
        return
    for iri, found in by.items():
        if item.same(record[NAMED_IN], iri):
            found.append((record.key, record.label))


def _is_address(record: Record, iris: Sequence[str]) -> bool:
    """Whether the field is empty or holds the address of a counterparty, as these are."""
    held = record[NAMED_IN]
    return not held or _collection(str(held)) in {_collection(iri) for iri in iris}


def _collection(iri: str) -> str:
    return iri.rstrip("/").rpartition("/")[0].rpartition("/")[2]


def _empty_in(keys: Sequence[str]) -> bool:
    """Whether single records have the field empty, too, where no record of the list had it at all."""
    records = (decoded(CLIENTS, client().get(CLIENTS.item_path(key))) for key in keys)
    return not any(record[NAMED_IN] for record in records)
