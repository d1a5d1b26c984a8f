"""The custom operations on counterparties: merge and enrichment.

No request or answer of either is published. The bodies follow the recorded server; every guess is a switch
of the profile.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from . import iris
from .calls import Call, Reply
from .operations import find
from .problems import TOO_FEW, Invalid, Problem, Violation, bad_request
from .storage import Key, Row
from .validation import read_json

MISFORMATTED = "The input data is misformatted."
_FILLABLE = ("logoUrl", "corporateWebsiteUrl", "costGroupIcon")


@dataclass
class Later:
    """Work that was accepted and is carried out by the first request after its time has come."""

    _waiting: list[tuple[float, Callable[[], None]]] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, seconds: float, work: Callable[[], None]) -> None:
        with self._lock:
            self._waiting.append((time.monotonic() + seconds, work))

    def run(self, *, at_once: bool = False) -> None:
        """Carries out what is due, or everything."""
        until = float("inf") if at_once else time.monotonic()
        with self._lock:
            due = [work for moment, work in self._waiting if moment <= until]
            self._waiting = [each for each in self._waiting if each[0] > until]
            for work in due:
                work()


def merge(call: Call, later: Later) -> Reply:
    """Merges the records named in the body into the one in the path, or the other way about."""
    row = find(call)
    others = _named(call, call.profile.merge_member)
    if row["id"] in others:
        raise Problem(422, "A counterparty cannot be merged into itself.")
    survivor, gone = row["id"], others
    if call.profile.merge_keeps == "body":
        survivor, gone = others[0], [row["id"], *others[1:]]
    if call.profile.merge_status == 202:
        later.add(call.profile.merge_delay, lambda: _merge(call, survivor, gone))
        return Reply(202)
    _merge(call, survivor, gone)
    return _answer(call, call.profile.merge_status, survivor)


def _merge(call: Call, survivor: Key, gone: list[Key]) -> None:
    storage, resource = call.storage, call.resource
    rows = storage.get_many(resource, [survivor, *gone])
    if survivor not in rows:
        return
    changes: Row = {}
    for name in _FILLABLE:
        values = [rows[key][name] for key in (survivor, *gone) if key in rows and rows[key][name]]
        if values and not rows[survivor][name]:
            changes[name] = values[0]
    with storage.writing() as connection:
        storage.update(connection, resource, survivor, changes)
        for key in gone:
            if call.profile.merge_moves_references:
                for other, relation, _ in storage.referrers(resource, key):
                    storage.repoint(connection, other, relation, key, survivor)
            storage.delete(connection, resource, key)
            storage.remember_merge(connection, key, survivor)


def enrich(call: Call, later: Later) -> Reply:
    key = find(call)["id"]
    return _enrich(call, later, [key], call.profile.enrich_status)


def enrich_many(call: Call, later: Later) -> Reply:
    return _enrich(call, later, _named(call, "counterparties"), call.profile.enrich_many_status)


def _enrich(call: Call, later: Later, keys: list[Key], status: int) -> Reply:
    if call.profile.enrich_delay:
        later.add(call.profile.enrich_delay, lambda: _brand(call, keys))
    else:
        _brand(call, keys)
    return _answer(call, status, keys[0])


def _brand(call: Call, keys: list[Key]) -> None:
    """Finds a logo and a website for records that have none."""
    storage = call.storage
    with storage.writing() as connection:
        for key, row in storage.get_many(call.resource, keys).items():
            guesses = {
                "logoUrl": f"https://logo.example/{key}.png",
                "corporateWebsiteUrl": f"https://cp{key}.example/",
            }
            changes = {name: value for name, value in guesses.items() if not row[name]}
            storage.update(connection, call.resource, key, changes)


def _answer(call: Call, status: int, key: Key) -> Reply:
    row = call.storage.get(call.resource, key)
    if status in (202, 204) or row is None:
        return Reply(status)
    return call.item(status, call.resource, row)


def _named(call: Call, member: str) -> list[Key]:
    """The counterparties a body names: a list of IRIs, or one IRI where the member is no plural."""
    if not call.request.content_type:
        raise Problem(415, 'The "Content-Type" header must exist.')
    given: Any = read_json(call.request.get_data()).get(member, [])
    if isinstance(given, str) and not member.endswith("s"):
        given = [given]
    if not isinstance(given, list) or not all(isinstance(each, str) for each in given):
        raise bad_request(MISFORMATTED)
    if not given:
        message = "This collection should contain 1 element or more."
        raise Invalid([Violation(member, message, TOO_FEW)])
    return list(dict.fromkeys(_key(call, each) for each in given))


def _key(call: Call, text: str) -> Key:
    found = iris.parse(call.profile, text, host=call.request.host)
    if found is None:
        raise bad_request(f'Invalid IRI "{text}".')
    resource, key = found
    if not call.storage.exists(resource, key):
        raise bad_request(f'Item not found for "{text}".')
    if resource is not call.resource:
        raise bad_request(MISFORMATTED)
    return key
