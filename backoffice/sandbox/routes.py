"""Which paths there are, and which methods each answers, in the order of the Allow header."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from werkzeug.exceptions import NotFound
from werkzeug.routing import Map, Rule

from .profiles import Profile
from .schema import BY_PATH, RESOURCES, Resource


@dataclass(frozen=True)
class Route:
    """A path and its operations: method -> name of the operation that answers it."""

    path: str
    operations: tuple[tuple[str, str], ...]
    resource: Resource | None = None
    public: bool = False

    @property
    def methods(self) -> tuple[str, ...]:
        return tuple(method for method, _ in self.operations)

    def operation(self, method: str) -> str | None:
        return dict(self.operations).get("GET" if method == "HEAD" else method)


@dataclass(frozen=True)
class Match:
    route: Route
    key: str | None
    extension: str
    """What stood behind the last dot of the path: json, jsonld, csv, ...; empty where nothing did."""


_COLLECTION = {"GET": "list", "POST": "create"}
_ITEM = {"GET": "read", "PATCH": "patch", "DELETE": "delete"}


@lru_cache(maxsize=64)
def routes(profile: Profile) -> tuple[Route, ...]:
    """All routes of a profile, without its prefix."""
    found = [
        Route("/", (("GET", "entrypoint"),)),
        Route("/index", (("GET", "entrypoint"),)),
        Route("/docs", (("GET", "docs"),)),
        Route("/contexts/<key>", (("GET", "context"),)),
    ]
    if profile.login:
        found.append(Route("/login", (("POST", "login"),), public=True))
    for resource in RESOURCES:
        found += _of(profile, resource)
    clients, counterparties, employees = (BY_PATH[each] for each in ("clients", "counterparties", "employees"))
    found += [
        Route("/clients/search", (("GET", "search"),), clients),
        Route("/clients/<int:key>/documents", (("GET", "documents"),), BY_PATH["documents"]),
        Route("/employees/me", (("GET", "me"),), employees),
        Route("/counterparties/enrich-branding-ai", (("POST", "enrich_many"),), counterparties),
        Route("/counterparties/<key>/enrich-branding-ai", (("POST", "enrich"),), counterparties),
        Route("/counterparties/<key>/merge", (("POST", "merge"),), counterparties),
    ]
    if profile.counterparty_writes != "plural":
        found.append(Route("/counterparty", (("POST", "create"),), counterparties))
        found.append(Route("/counterparty/<key>", (("PATCH", "patch"),), counterparties))
    return tuple(found)


def _of(profile: Profile, resource: Resource) -> list[Route]:
    silent = resource.path == "counterparties" and profile.counterparty_writes == "singular"
    withheld = {"POST", "PATCH"} if silent else set()
    key = "<int:key>" if resource.path == "clients" else "<key>"
    found = []
    for kind, path, names in (
        ("collection", f"/{resource.path}", _COLLECTION),
        ("item", f"/{resource.path}/{key}", _ITEM),
    ):
        methods = [each for each in resource.operations.get(kind, ()) if each not in withheld]
        if methods:
            found.append(Route(path, tuple((method, names[method]) for method in methods), resource))
    return found


@lru_cache(maxsize=64)
def _map(profile: Profile) -> Map:
    rules = [Rule(each.path, endpoint=each) for each in routes(profile)]
    return Map(rules, merge_slashes=False)


def match(profile: Profile, path: str) -> Match | None:
    """The route of a path, prefix included; None where there is none."""
    if path != profile.prefix and not path.startswith(f"{profile.prefix}/"):
        return None
    path, extension = _split(path.removeprefix(profile.prefix) or "/")
    try:
        route, values = _map(profile).bind("").match(path)
    except NotFound:
        return None
    key = values.get("key")
    return Match(route, None if key is None else str(key), extension)


def _split(path: str) -> tuple[str, str]:
    head, _, last = path.rpartition("/")
    name, dot, extension = last.partition(".")
    return (f"{head}/{name}", extension) if dot else (path, "")
