"""What the endpoints do: collections, items, writes, and the few that are special."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from . import filters
from .calls import Call, Reply
from .problems import Problem, bad_request, not_found
from .schema import BY_PATH
from .storage import Query, Row, parse_key
from .validation import Reader, check, read_json
from .wire import Payload, page, search, view


def list_records(call: Call) -> Reply:
    query = filters.query(call.resource, call.profile, call.parameters)
    return _collection(call, query, filters.declared(call.resource, call.profile))


def search_clients(call: Call) -> Reply:
    profile = call.profile
    query = filters.query(call.resource, profile, call.parameters)
    if condition := filters.search(call.resource, profile, call.parameters):
        query = replace(query, where=(*query.where, condition[0]), parameters=(*query.parameters, *condition[1]))
    extra = [profile.search_param] if profile.search_declared else []
    return _collection(call, query, filters.declared(call.resource, profile), extra)


def _collection(call: Call, query: Query, declared: Sequence[filters.Filter], extra: Sequence[str] = ()) -> Reply:
    asked = page(call.profile, call.parameters)
    rows = call.storage.page(call.resource, query, limit=asked.size, offset=asked.offset)
    if not call.as_ld:
        return Reply(200, call.writer.members(call.resource, rows))
    total = call.storage.count(call.resource, query)
    payload = call.writer.collection(call.resource, call.path, rows, total)
    payload |= view(call.profile, call.path, call.parameters, asked, total)
    return Reply(200, payload | search(call.profile, call.path, declared, extra))


def read(call: Call) -> Reply:
    if call.resource.path == "counterparties" and call.profile.merged_answer != "404":
        return _read_merged(call)
    return call.item(200, call.resource, find(call))


def find(call: Call) -> Row:
    """The record that the path names; raises 404."""
    key = parse_key(call.resource, call.key or "")
    row = None if key is None else call.storage.get(call.resource, key)
    if row is None:
        raise not_found()
    return row


def _read_merged(call: Call) -> Reply:
    """A counterparty; of one that was merged away, what the house answers in its place."""
    survivor = call.storage.survivor_of(parse_key(call.resource, call.key or "") or 0)
    if survivor is None:
        return call.item(200, call.resource, find(call))
    if call.profile.merged_answer == "410":
        raise Problem(410, "Gone")
    if call.profile.merged_answer == "redirect":
        raise Problem(301, "Moved Permanently", {"Location": call.iri(call.resource, survivor)})
    call.key = str(survivor)
    return call.item(200, call.resource, find(call))


def create(call: Call) -> Reply:
    resource = call.resource
    body = _body(call)
    if "@id" in body if _is_ld(call) else "id" in body:
        raise bad_request("Update is not allowed for this operation.")
    row: Row = {each.name: each.default for each in resource.columns}
    row |= _reader(call).values(body)
    if resource.touched:
        row["createdAt"] = row["updatedAt"] = now()
    row["id"] = uuid7() if resource.key == "uuid" else None
    check(call.storage, call.profile, resource, row)
    with call.storage.writing() as connection:
        row["id"] = call.storage.insert(connection, resource, row)
    return call.item(201, resource, row)


def patch(call: Call) -> Reply:
    row = find(call)
    changes = _reader(call).values(_body(call))
    check(call.storage, call.profile, call.resource, row | changes)
    if call.resource.touched:
        changes["updatedAt"] = now()
    with call.storage.writing() as connection:
        call.storage.update(connection, call.resource, row["id"], changes)
    return call.item(200, call.resource, row | changes)


def delete(call: Call) -> Reply:
    key = find(call)["id"]
    if call.profile.delete_in_use != "allow" and any(call.storage.referrers(call.resource, key)):
        status = int(call.profile.delete_in_use)
        raise Problem(status, "Internal Server Error" if status == 500 else "The record is in use.")
    with call.storage.writing() as connection:
        for other, relation, _ in call.storage.referrers(call.resource, key):
            call.storage.repoint(connection, other, relation, key, None)
        call.storage.delete(connection, call.resource, key)
    return Reply(204)


def documents(call: Call) -> Reply:
    """Documents of a client, as a collection of them or inside the client, as the profile says."""
    client, key = BY_PATH["clients"], int(call.key or "")
    rows = call.storage.children(call.resource, "client", [key])[key]
    if call.profile.documents == "collection":
        if not call.as_ld:
            return Reply(200, call.writer.members(call.resource, rows))
        return Reply(200, call.writer.collection(call.resource, call.path, rows, len(rows)))
    found = call.storage.get(client, key)
    if found is None:
        raise not_found()
    payload = call.writer.item(client, found) | {"documents": call.writer.members(call.resource, rows)}
    return Reply(200, payload, call.iri(client, key))


def me(call: Call) -> Reply:
    """The employee the token belongs to, as an item or as a collection of one."""
    call.key = call.profile.me
    row = find(call)
    if call.profile.employees_me == "item":
        return call.item(200, call.resource, row)
    if not call.as_ld:
        return Reply(200, call.writer.members(call.resource, [row]))
    return Reply(200, call.writer.collection(call.resource, call.path, [row], 1))


def _body(call: Call) -> Payload:
    if not call.request.content_type:
        raise Problem(415, 'The "Content-Type" header must exist.')
    return read_json(call.request.get_data())


def _is_ld(call: Call) -> bool:
    return call.request.mimetype == "application/ld+json"


def _reader(call: Call) -> Reader:
    return Reader(call.storage, call.profile, call.resource, call.request.host)


def now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")


def uuid7() -> str:
    """A time-ordered UUID, as Symfony gives it to entities with string keys."""
    stamp = int(time.time() * 1000) << 80
    random = int.from_bytes(os.urandom(10), "big")
    layout = (random & ~(0xF << 76) & ~(0x3 << 62)) | (0x7 << 76) | (0x2 << 62)
    return str(uuid.UUID(int=stamp | layout))
