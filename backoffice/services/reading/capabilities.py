"""What the API can filter, sort and search, from `hydra:search` and one probe; never guessed.

An undeclared parameter is ignored by the server and the whole list comes back with 200, so nothing is sent that
was not declared or proved.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from django.conf import settings
from django.core.cache import cache

from backoffice.flowtly import errors
from backoffice.flowtly.hydra import Collection, SearchParameter
from backoffice.resources import Resource
from backoffice.services.upstream import client, current

KEEP = 15 * 60  # seconds a server's declarations are kept
_ORDER = "order["
_SAMPLE = 40  # characters of a name that a probe is made of
_LEAST = 3
# Parameters that are about the list itself.
_PAGING = frozenset({"page", "itemsPerPage", "pagination", "partial"})


@dataclass(frozen=True)
class Collected:
    """What one collection declares: `filters` by field name, `sorts` by field name."""

    filters: frozenset[str] = frozenset()
    sorts: frozenset[str] = frozenset()
    others: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Capabilities:
    """`search_param`: the parameter that searches on `search_path`, or "". `found` is what remains usable with it.

    `search_field` names the one field that is searched, where the search is a filter on it.
    """

    search_param: str = ""
    search_path: str = ""
    search_field: str = ""
    listed: Collected = field(default_factory=Collected)
    found: Collected = field(default_factory=Collected)

    @property
    def search(self) -> bool:
        return bool(self.search_param)

    @property
    def filters(self) -> frozenset[str]:
        return self.listed.filters

    @property
    def sorts(self) -> frozenset[str]:
        return self.listed.sorts


def capabilities(resource: Resource, *, fresh: bool = False) -> Capabilities:
    """What the API can do for this entity; one to three requests the first time, then kept for KEEP seconds.

    `fresh` asks again.
    """
    kept: Capabilities | None = None if fresh else cache.get(_name(resource))
    if kept is None:
        kept = _ask(resource)
        cache.set(_name(resource), kept, KEEP)
    return kept


def capabilities_at_once(resources: Sequence[Resource]) -> list[Capabilities | errors.FlowtlyError]:
    """As `capabilities` for several entities; what is not known yet is asked at the same time.

    One that fails gives its error. The threads do HTTP only.
    """
    known: list[Capabilities | None] = [cache.get(_name(resource)) for resource in resources]
    client()  # made here, before the threads use it
    with ThreadPoolExecutor(settings.FLOWTLY_MAX_CONNECTIONS) as pool:
        found = [able or pool.submit(_ask, resource) for resource, able in zip(resources, known, strict=True)]
    return [
        able if isinstance(able, Capabilities) else _answered(resource, able)
        for resource, able in zip(resources, found, strict=True)
    ]


def _answered(resource: Resource, asked: Future[Capabilities]) -> Capabilities | errors.FlowtlyError:
    try:
        able = asked.result()
    except errors.FlowtlyError as error:
        return error
    cache.set(_name(resource), able, KEEP)
    return able


def _name(resource: Resource) -> str:
    return f"capabilities:{current().pk}:{settings.FLOWTLY_API_URL}:{resource.slug}"


def _ask(resource: Resource) -> Capabilities:
    first = client().page(resource.path, page_size=1)
    listed = _collected(resource, first.search)
    if not resource.search_path:
        return _searched_by_name(resource, listed, first)
    try:
        found = _collected(resource, client().capabilities(resource.search_path))
        param = _search_param(resource, listed, found)
    except (errors.NotFound, errors.RouteMissing, errors.Invalid, errors.Forbidden):
        return Capabilities(listed=listed)
    return Capabilities(search_param=param, search_path=resource.search_path, listed=listed, found=found)


def _searched_by_name(resource: Resource, listed: Collected, first: Collection) -> Capabilities:
    """A filter on the name is a search where it was seen to find a record by a part of its name."""
    name = resource.label_field
    if name not in listed.filters or not _finds_parts(resource, name, first):
        return Capabilities(listed=listed)
    return Capabilities(
        search_param=name, search_path=resource.path, search_field=name, listed=listed, found=listed
    )


def _finds_parts(resource: Resource, name: str, first: Collection) -> bool:
    sample = next((str(member.get(name) or "") for member in first.members), "")[:_SAMPLE]
    if len(sample) < _LEAST or not _filters(resource.path, name):
        return False
    try:
        return bool(client().page(resource.path, {name: sample[:-1]}, page_size=1).members)
    except errors.Invalid:
        return False


def _collected(resource: Resource, declared: tuple[SearchParameter, ...]) -> Collected:
    variables = {item.variable for item in declared}
    return Collected(
        filters=frozenset(variables & set(resource.by_name)),
        sorts=frozenset(v[len(_ORDER) : -1] for v in variables if v.startswith(_ORDER) and v.endswith("]"))
        & frozenset(resource.by_name),
        others=frozenset(v for v in variables if "[" not in v and "." not in v)
        - frozenset(resource.by_name)
        - _PAGING,
    )


def _search_param(resource: Resource, listed: Collected, found: Collected) -> str:
    """The configured name where it filters, else a declared one that does, else none."""
    own = found.others - listed.others
    for name in dict.fromkeys([settings.FLOWTLY_SEARCH_PARAM, *sorted(own), *sorted(found.others)]):
        if _filters(resource.search_path, name):
            return name
    return ""


def _filters(path: str, name: str) -> bool:
    """Whether a nonsense value empties the list; an ignored parameter would return all of it."""
    nonsense = f"zq{secrets.token_hex(8)}"
    try:
        page = client().page(path, {name: nonsense}, page_size=1)
    except errors.Invalid:
        return False
    return not page.members and not page.total
