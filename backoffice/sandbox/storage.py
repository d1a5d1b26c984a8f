"""SQLite behind the sandbox: one table per resource, typed columns, indexes for what lists filter and sort.

Readers take a connection each from a small pool and never wait (WAL); writers take turns. Rows go in and out
as dicts of Python values keyed by field name plus `id`; a relation is the key of what it points at.
"""

# ruff: noqa: S608 - names of tables and columns come from the schema, values are always parameters
from __future__ import annotations

import json
import sqlite3
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .schema import BY_PATH, RESOURCES, Field, Resource

Row = dict[str, Any]
Key = int | str
Chunk = tuple[str, Sequence[tuple[Any, ...]]]
"""Path of a resource and rows of it: the key, then the stored fields in declared order."""
Seed = Callable[[], Iterable[Chunk]]

INDEXES = {
    "clients": (
        "name",
        "status",
        "status, name",
        "dueDays",
        "country",
        "country, name",
        "currency",
        "defaultCost",
        "tin",
    ),
    "client-contacts": ("client, position, id", "name"),
    "client-notes": ("client", "employee", "createdAt"),
    "counterparties": ("displayName", "type"),
    "documents": ("client",),
}
_BIGGEST_INTEGER = 2**63 - 1
_VARIABLES_PER_STATEMENT = 500


@dataclass(frozen=True)
class Query:
    """What a collection was asked for: conditions joined by AND, their parameters, the order."""

    where: tuple[str, ...] = ()
    parameters: tuple[Any, ...] = ()
    order: str = "rowid"

    @property
    def condition(self) -> str:
        return f" WHERE {' AND '.join(self.where)}" if self.where else ""


def table(resource: Resource) -> str:
    return resource.path.replace("-", "_")


def parse_key(resource: Resource, text: str) -> Key | None:
    """The key that a path segment or a filter value names; None where it cannot be one."""
    if resource.key != "int":
        return text
    if not (text.isascii() and text.isdigit()):
        return None
    number = int(text) if len(text) < 20 else _BIGGEST_INTEGER + 1
    return number if number <= _BIGGEST_INTEGER else None


class Storage:
    def __init__(self, path: Path | None, seed: Seed) -> None:
        """Opens the database at `path`, or a new one that lives as long as this object, and fills a new one."""
        self._home = tempfile.TemporaryDirectory(prefix="sandbox-") if path is None else None
        self._path = path or Path(self._home.name if self._home else "") / "sandbox.sqlite3"
        self._durable = path is not None
        self._seed = seed
        self._idle: list[sqlite3.Connection] = []
        self._open: set[sqlite3.Connection] = set()
        self._guard = threading.Lock()
        self._turn = threading.RLock()
        self._counts: dict[tuple[str, tuple[str, ...], tuple[Any, ...]], int] = {}
        try:
            with self.writing() as connection:
                if not _tables(connection):
                    _create(connection, seed())
        except BaseException:
            self.close()
            raise

    # connections

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, timeout=30)
        with self._guard:
            self._open.add(connection)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute(f"PRAGMA synchronous = {'NORMAL' if self._durable else 'OFF'}")
        connection.execute("PRAGMA mmap_size = 268435456")
        return connection

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        with self._guard:
            connection = self._idle.pop() if self._idle else None
        connection = connection or self._connect()
        try:
            yield connection
        finally:
            with self._guard:
                self._idle.append(connection)

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, alone: kept as a whole or, on any error, not at all."""
        with self._turn, self.reading() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
            self._counts = {}

    def close(self) -> None:
        with self._guard:
            for connection in self._open:
                connection.close()
            self._open.clear()
            self._idle.clear()
        if self._home:
            self._home.cleanup()

    def reset(self) -> None:
        """Back to the data of the first day."""
        with self.writing() as connection:
            for name in _tables(connection):
                connection.execute(f'DROP TABLE "{name}"')
            _create(connection, self._seed())

    # reading

    def get(self, resource: Resource, key: Key) -> Row | None:
        return self.get_many(resource, [key]).get(key)

    def get_many(self, resource: Resource, keys: Iterable[Key]) -> dict[Key, Row]:
        wanted = list(dict.fromkeys(keys))
        rows: dict[Key, Row] = {}
        with self.reading() as connection:
            for start in range(0, len(wanted), _VARIABLES_PER_STATEMENT):
                some = wanted[start : start + _VARIABLES_PER_STATEMENT]
                marks = ", ".join("?" * len(some))
                found = connection.execute(f"{_select(resource)} WHERE id IN ({marks})", some)
                rows.update((row["id"], row) for row in _decode(resource, found))
        return rows

    def exists(self, resource: Resource, key: Key) -> bool:
        with self.reading() as connection:
            found = connection.execute(f"SELECT 1 FROM {table(resource)} WHERE id = ?", (key,))
            return found.fetchone() is not None

    def count(self, resource: Resource, query: Query) -> int:
        asked = (resource.path, query.where, query.parameters)
        counts = self._counts  # a write meanwhile puts another dict in its place: a stale count goes with the old
        known = counts.get(asked)
        if known is None:
            with self.reading() as connection:
                statement = f"SELECT COUNT(*) FROM {table(resource)}{query.condition}"
                known = connection.execute(statement, query.parameters).fetchone()[0]
            counts[asked] = known
        return int(known)

    def page(self, resource: Resource, query: Query, *, limit: int = -1, offset: int = 0) -> list[Row]:
        """Rows of one page. The keys are found first, in a narrow index: wide rows would be read to be skipped."""
        walk = f" INDEXED BY {table(resource)}_walk" if query == Query() and resource.key == "int" else ""
        keys = (
            f"SELECT rowid FROM {table(resource)}{walk}{query.condition} ORDER BY {query.order} LIMIT ? OFFSET ?"
        )
        statement = f"{_select(resource)} WHERE rowid IN ({keys}) ORDER BY {query.order}"
        with self.reading() as connection:
            return _decode(resource, connection.execute(statement, (*query.parameters, limit, offset)))

    def children(self, resource: Resource, relation: str, parents: Sequence[Key]) -> dict[Key, list[Row]]:
        """Rows of `resource` by the key they point at, in the order of their position where they have one."""
        order = f"{relation}, position, id" if "position" in resource.by_name else f"{relation}, rowid"
        found: dict[Key, list[Row]] = {parent: [] for parent in parents}
        with self.reading() as connection:
            for start in range(0, len(parents), _VARIABLES_PER_STATEMENT):
                some = parents[start : start + _VARIABLES_PER_STATEMENT]
                marks = ", ".join("?" * len(some))
                statement = f"{_select(resource)} WHERE {relation} IN ({marks}) ORDER BY {order}"
                for row in _decode(resource, connection.execute(statement, some)):
                    found[row[relation]].append(row)
        return found

    # writing, inside a transaction of the caller's

    def insert(self, connection: sqlite3.Connection, resource: Resource, row: Mapping[str, Any]) -> Key:
        names = [each.name for each in resource.columns]
        values = [_encode(each, row.get(each.name)) for each in resource.columns]
        statement = (
            f"INSERT INTO {table(resource)} (id, {', '.join(names)}) VALUES (?{', ?' * len(names)}) RETURNING id"
        )
        key: Key = connection.execute(statement, (row.get("id"), *values)).fetchone()[0]
        return key

    def update(
        self, connection: sqlite3.Connection, resource: Resource, key: Key, changes: Mapping[str, Any]
    ) -> None:
        if not changes:
            return
        names = ", ".join(f"{name} = ?" for name in changes)
        values = [_encode(resource.by_name[name], value) for name, value in changes.items()]
        connection.execute(f"UPDATE {table(resource)} SET {names} WHERE id = ?", (*values, key))

    def delete(self, connection: sqlite3.Connection, resource: Resource, key: Key) -> None:
        connection.execute(f"DELETE FROM {table(resource)} WHERE id = ?", (key,))

    def referrers(self, resource: Resource, key: Key) -> Iterator[tuple[Resource, Field, int]]:
        """Which relations point at a row, and from how many rows."""
        for other in RESOURCES:
            for relation in other.relations():
                if relation.target == resource.path:
                    query = Query((f"{relation.name} = ?",), (key,))
                    if number := self.count(other, query):
                        yield other, relation, number

    def repoint(
        self, connection: sqlite3.Connection, resource: Resource, relation: Field, old: Key, new: Key | None
    ) -> None:
        """Everything of `resource` that points at one record points at another from now on."""
        statement = f"UPDATE {table(resource)} SET {relation.name} = ? WHERE {relation.name} = ?"
        connection.execute(statement, (new, old))

    # merged counterparties, remembered so that the one that went can still be asked for

    def remember_merge(self, connection: sqlite3.Connection, gone: Key, survivor: Key) -> None:
        connection.execute("UPDATE merged SET survivor = ? WHERE survivor = ?", (survivor, gone))
        connection.execute("INSERT OR REPLACE INTO merged VALUES (?, ?)", (gone, survivor))

    def survivor_of(self, gone: Key) -> Key | None:
        with self.reading() as connection:
            found = connection.execute("SELECT survivor FROM merged WHERE gone = ?", (gone,)).fetchone()
            return found[0] if found else None


def _select(resource: Resource) -> str:
    return f"SELECT id, {', '.join(each.name for each in resource.columns)} FROM {table(resource)}"


def _decode(resource: Resource, found: Iterable[tuple[Any, ...]]) -> list[Row]:
    names = ("id", *(each.name for each in resource.columns))
    rows: list[Row] = [dict(zip(names, values, strict=True)) for values in found]
    for each in resource.columns:
        if each.kind in ("bool", "json"):
            for row in rows:
                row[each.name] = _decode_value(each, row[each.name])
    return rows


def _decode_value(field: Field, value: Any) -> Any:
    if value is None:
        return None
    return bool(value) if field.kind == "bool" else json.loads(value)


def _encode(field: Field, value: Any) -> Any:
    return json.dumps(value) if field.kind == "json" and value is not None else value


def _column(field: Field) -> str:
    wide = field.kind in ("int", "bool") or (field.kind == "iri" and BY_PATH[field.target].key == "int")
    return f"{field.name} {'INTEGER' if wide else 'TEXT'}"


def _tables(connection: sqlite3.Connection) -> list[str]:
    found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    return [name for (name,) in found]


def _create(connection: sqlite3.Connection, chunks: Iterable[Chunk]) -> None:
    """Makes the tables and fills them; indexes come last, which is three times quicker."""
    connection.execute("CREATE TABLE merged (gone INTEGER PRIMARY KEY, survivor INTEGER NOT NULL)")
    for resource in RESOURCES:
        key = "INTEGER PRIMARY KEY AUTOINCREMENT" if resource.key == "int" else "TEXT PRIMARY KEY"
        columns = ", ".join(_column(each) for each in resource.columns)
        connection.execute(f"CREATE TABLE {table(resource)} (id {key}, {columns})")
    for path, rows in chunks:
        resource = BY_PATH[path]
        marks = ", ".join("?" * (1 + len(resource.columns)))
        connection.executemany(f"INSERT INTO {table(resource)} VALUES ({marks})", rows)
    for resource in RESOURCES:
        name = table(resource)
        connection.execute(f"CREATE INDEX {name}_walk ON {name} (id)")
        for number, columns in enumerate(INDEXES.get(resource.path, ())):
            connection.execute(f"CREATE INDEX {name}_{number} ON {name} ({columns})")
