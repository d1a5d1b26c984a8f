"""Records to rows of the index and back; which rows a reading may write over."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import F

from backoffice.models.index import ROWS, IndexRow, Snapshot, column, is_text
from backoffice.resources import Field, Kind, Record, Resource

_SEPARATORS = re.compile(r"[\s./\-]+")
_LARGEST = 2**63 - 1
_LOOKED_UP = 300  # keys in one query


def put(record: Record, *, read_at: datetime) -> None:
    """Keep what was just read or written of one record, where the entity has been copied at all.

    `read_at` is the moment before the record was asked for.
    """
    put_all(record.resource, [record], read_at=read_at)


def put_all(resource: Resource, records: Sequence[Record], *, read_at: datetime) -> None:
    """The same for several records of one entity that were asked for at the same time."""
    if resource.slug not in ROWS:
        return
    if (kept := Snapshot.objects.filter(entity=resource.slug).first()) is not None:
        store(resource, records, generation=kept.generation, read_at=read_at)


def patch(resource: Resource, key: str, values: Mapping[str, Any], *, read_at: datetime) -> None:
    """Keep some fields of one record that were just read; nothing where the index does not know the record."""
    row = ROWS[resource.slug]._default_manager.filter(key=key).values().first()
    if row is not None:
        held = record_of(resource, row)
        put(replace(held, values={**held.values, **values}), read_at=read_at)


def remove(resource: Resource, key: str) -> None:
    """The record is gone."""
    if resource.slug in ROWS and ROWS[resource.slug]._default_manager.filter(key=key).delete()[0]:
        _changed(resource)


def store(resource: Resource, records: Sequence[Record], *, generation: int, read_at: datetime) -> None:
    """Write these records, all in one transaction; a row that was read later than `read_at` stays as it is."""
    model = ROWS[resource.slug]
    rows = {row.key: row for row in (_row(model, record, generation, read_at) for record in records)}
    with transaction.atomic():
        held = {
            key: (digest, at)
            for keys in _portions(list(rows))
            for key, digest, at in model._default_manager.select_for_update()
            .filter(key__in=keys)
            .values_list("key", "digest", "read_at")
        }
        newer = {key for key, (_digest, at) in held.items() if at > read_at}
        same = {key for key, row in rows.items() if key in held and held[key][0] == row.digest}
        for keys in _portions(list(same | newer)):
            model._default_manager.filter(key__in=keys).update(generation=generation)
        for keys in _portions(list(same - newer)):
            model._default_manager.filter(key__in=keys).update(read_at=read_at)
        fresh = [row for key, row in rows.items() if key not in same | newer]
        if fresh:
            _changed(resource)
        model._default_manager.bulk_create(
            fresh, update_conflicts=True, unique_fields=["key"], update_fields=_written(model), batch_size=100
        )


def _changed(resource: Resource) -> None:
    Snapshot.objects.filter(entity=resource.slug).update(changes=F("changes") + 1)


def _portions(keys: list[str]) -> Iterable[list[str]]:
    return (keys[start : start + _LOOKED_UP] for start in range(0, len(keys), _LOOKED_UP))


def _written(model: type[IndexRow]) -> list[str]:
    return [item.name for item in model._meta.concrete_fields if item.name not in ("id", "key")]


def _row(model: type[IndexRow], record: Record, generation: int, read_at: datetime) -> IndexRow:
    columns: dict[str, Any] = {}
    odd: dict[str, Any] = {}
    for item in record.resource.fields:
        value = record.values.get(item.name)
        columns[column(item.name)] = fitted = _fitted(item, value)
        if fitted != value or isinstance(fitted, bool) != isinstance(value, bool):
            odd[item.name] = value
    return model(
        key=record.key,
        iri=_text(record.iri),
        label=_text(record.label)[:500],
        search=search_text(record),
        odd=_clean(odd),
        digest=_digest(record),
        generation=generation,
        read_at=read_at,
        **columns,
    )


def _fitted(item: Field, value: Any) -> Any:
    """The value as its column can hold it; None where it cannot, and for what is empty."""
    if value is None or value == "":
        return None
    if item.kind is Kind.INTEGER:
        return value if type(value) is int and abs(value) < _LARGEST else None
    if item.kind is Kind.BOOLEAN:
        return value if isinstance(value, bool) else None
    if not is_text(item):
        return _clean(value) or None
    return _text(value) if isinstance(value, str) else None


def _text(value: str) -> str:
    """PostgreSQL takes neither null characters nor halves of a surrogate pair."""
    return value.replace("\x00", "").encode("utf-8", "ignore").decode()


def _clean(value: Any) -> Any:
    return json.loads(_text(json.dumps(value, ensure_ascii=False)).replace("\\u0000", ""))


def _digest(record: Record) -> str:
    held = json.dumps([record.iri, record.label, record.values], sort_keys=True, default=str)
    return hashlib.blake2s(held.encode(), digest_size=16).hexdigest()


def record_of(resource: Resource, row: Mapping[str, Any]) -> Record:
    """The record of one row, as `values()` gives it."""
    values = {item.name: row[column(item.name)] for item in resource.fields}
    return Record(resource=resource, key=row["key"], iri=row["iri"], values=values | row["odd"])


def search_text(record: Record) -> str:
    """What a search looks through: searched fields and number, folded; tax numbers also without separators."""
    found = [record.key]
    for name in record.resource.search_fields:
        text = str(record.values.get(name) or "")
        found.append(text)
        if record.resource.by_name[name].kind is Kind.TAX_ID:
            found.append(compact(text))
    return _text("\n".join(dict.fromkeys(filter(None, found)))).casefold()


def compact(text: str) -> str:
    """A tax number without spaces, dots, dashes and slashes."""
    return _SEPARATORS.sub("", text)


def count(resource: Resource) -> int:
    return ROWS[resource.slug]._default_manager.count()


def drop_unseen(resource: Resource, *, generation: int, began: datetime) -> int:
    """Delete what a complete reading did not meet and nobody read since; how many rows."""
    unseen = ROWS[resource.slug]._default_manager.filter(generation__lt=generation, read_at__lt=began)
    dropped = unseen.delete()[0]
    if dropped:
        _changed(resource)
    return dropped
