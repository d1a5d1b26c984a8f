"""Records and collections in wire form: members, relations, envelopes, paging links, declared filters."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from . import iris
from .filters import Filter, Parameters
from .problems import bad_request
from .profiles import Profile
from .schema import BY_PATH, Field, Resource
from .storage import Key, Row, Storage

_FARTHEST = 2**62
Payload = dict[str, Any]
Related = dict[str, dict[Key, Any]]
"""For each field that holds more than the row does: what to write for which key."""


@dataclass(frozen=True)
class Page:
    """The part of a collection that was asked for."""

    number: int
    size: int

    @property
    def offset(self) -> int:
        return min((self.number - 1) * self.size, _FARTHEST)

    def last(self, total: int) -> int:
        return max(1, -(-total // self.size)) if self.size else 1


def page(profile: Profile, parameters: Parameters) -> Page:
    """Reads `page` and, where it is honoured, `itemsPerPage`; a number too big is cut without a word."""
    given = dict(parameters)
    number = php_integer(given.get("page", "1"))
    size = profile.page_size
    if profile.items_per_page and "itemsPerPage" in given:
        size = php_integer(given["itemsPerPage"])
    if size < 0:
        raise bad_request("Limit should not be less than 0")
    if number < 1:
        raise bad_request("Page should not be less than 1")
    if size == 0 and number > 1:
        raise bad_request("Page should not be greater than 1 if limit is equal to 0")
    return Page(number, min(size, profile.page_size_max) if profile.page_size_max else size)


def php_integer(text: str) -> int:
    """PHP's (int): the number at the beginning, or 0."""
    found = re.match(r"\s*([+-]?\d{1,15})", text)
    return int(found[1]) if found else 0


@dataclass(frozen=True)
class Writer:
    """Turns rows into members, as JSON-LD or as plain JSON."""

    storage: Storage
    profile: Profile
    as_ld: bool

    def item(self, resource: Resource, row: Row) -> Payload:
        (member,) = self.members(resource, [row])
        return self.context(resource) | member if self.as_ld else member

    def context(self, resource: Resource) -> Payload:
        return {"@context": f"{self.profile.prefix}/contexts/{resource.name}"}

    def members(self, resource: Resource, rows: Sequence[Row]) -> list[Payload]:
        related = self._related(resource, rows)
        return [self._member(resource, row, related) for row in rows]

    def _member(self, resource: Resource, row: Row, related: Related) -> Payload:
        key = row["id"]
        member: Payload = {}
        if self.as_ld:
            member["@id"] = f"{self.profile.prefix}/{resource.path}/{key}"
            member["@type"] = resource.name
        if resource.shows_id or (self.profile.client_id and resource.path == "clients"):
            member["id"] = int(key) if resource.key == "code" and str(key).isdigit() else key
        omit = self.profile.omit_nulls
        for field in resource.fields:
            value = self._value(field, row, related)
            if value is not None or not omit:
                member[field.name] = value
        return member

    def _value(self, field: Field, row: Row, related: Related) -> Any:
        if field.kind == "links":
            return related[field.name][row["id"]]
        if field.kind == "constant":
            return field.default
        value = row[field.name]
        if value is None or field.kind != "iri":
            return value
        address = f"{self.profile.prefix}/{field.target}/{value}"
        # A merge that moves nothing leaves addresses of what is gone, which cannot be embedded.
        return related[field.name].get(value, address) if field.name in related else address

    def _related(self, resource: Resource, rows: Sequence[Row]) -> Related:
        """Looks up, in one query for each field, what links and embedded relations need."""
        related: Related = {}
        for field in resource.fields:
            if field.kind == "links":
                related[field.name] = self._links(field, [row["id"] for row in rows])
            elif field.kind == "iri" and field.name in self.profile.embed_relations:
                target = BY_PATH[field.target]
                keys = [row[field.name] for row in rows if row[field.name] is not None]
                found = self.storage.get_many(target, keys)
                links = {each.name: self._addresses(each, keys) for each in target.fields if each.kind == "links"}
                related[field.name] = {key: self._member(target, row, links) for key, row in found.items()}
        return related

    def _links(self, field: Field, parents: Sequence[Key]) -> dict[Key, Any]:
        if not self.profile.embed_contacts:
            return self._addresses(field, parents)
        children = BY_PATH[field.target]
        found = self.storage.children(children, "client", parents)
        return {key: self.members(children, rows) for key, rows in found.items()}

    def _addresses(self, field: Field, parents: Sequence[Key]) -> dict[Key, Any]:
        children = BY_PATH[field.target]
        found = self.storage.children(children, "client", parents)
        return {key: [iris.iri(self.profile, children, row["id"]) for row in rows] for key, rows in found.items()}

    def collection(self, resource: Resource, path: str, rows: Sequence[Row], total: int) -> Payload:
        """The envelope without view and search, which `view` and `search` make."""
        h = "hydra:" if self.profile.hydra_prefix else ""
        return {
            **self.context(resource),
            "@id": path,
            "@type": f"{h}Collection",
            f"{h}totalItems": total,
            f"{h}member": self.members(resource, rows),
        }


def view(profile: Profile, path: str, parameters: Parameters, asked: Page, total: int) -> Payload:
    """Paging links; none where all fits on one page and nothing was asked."""
    h = "hydra:" if profile.hydra_prefix else ""
    last = asked.last(total)
    others = sorted((name, value) for name, value in parameters if name != "page")
    if last == 1 and not [name for name, _ in others if name != "pagination"]:
        return {}
    query = "&".join(f"{quote(name, safe='')}={quote(value, safe='')}" for name, value in others)

    def link(number: int | None) -> str:
        wanted = [query] if query else []
        wanted += [f"page={number}"] if number else []
        return f"{path}?{'&'.join(wanted)}" if wanted else path

    paged = last != 1
    found: Payload = {"@id": link(asked.number if paged else None), "@type": f"{h}PartialCollectionView"}
    if paged:
        found |= {f"{h}first": link(1), f"{h}last": link(last)}
        found |= {f"{h}previous": link(asked.number - 1)} if asked.number > 1 else {}
        found |= {f"{h}next": link(asked.number + 1)} if asked.number < last else {}
    return {f"{h}view": found}


def search(profile: Profile, path: str, filters: Sequence[Filter], extra: Sequence[str] = ()) -> Payload:
    """The declared filters; none where the operation has none. `extra` are parameters beside them."""
    h = "hydra:" if profile.hydra_prefix else ""
    pairs = [(variable, each.name) for each in filters for variable in each.variables]
    pairs += [(name, name) for name in extra]
    if not pairs:
        return {}
    mapping = [
        {"@type": "IriTemplateMapping", "variable": variable, "property": name, "required": False}
        for variable, name in pairs
    ]
    template = {
        "@type": f"{h}IriTemplate",
        f"{h}template": f"{path}{{?{','.join(variable for variable, _ in pairs)}}}",
        f"{h}variableRepresentation": "BasicRepresentation",
        f"{h}mapping": mapping,
    }
    return {f"{h}search": template}
