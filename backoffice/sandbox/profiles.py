"""Which Flowtly the sandbox plays: every switch that a deployment may turn, and three settings of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

ErrorFlavour = Literal["legacy", "problem3", "problem4"]


@dataclass(frozen=True)
class Profile:
    """One setting of all switches. Times are in seconds unless the name says otherwise."""

    name: str

    # the wire
    prefix: str = ""
    """Path in front of every route and IRI, such as "/api"; no slash at the end."""
    hydra_prefix: bool = True
    errors: ErrorFlavour = "problem3"
    content_location: Literal["plain", "suffixed"] = "plain"
    """Up to 3.4 the item's path, also on reads; from 4.0 path plus format suffix, on writes and HEAD only."""
    omit_nulls: bool = True
    client_id: bool = False
    """Adds the published, never recorded member `id` to clients."""
    embed_contacts: bool = False
    embed_relations: frozenset[str] = frozenset()
    """Names of relations that come as objects with @id instead of as IRIs: country, currency, ..."""
    documents: Literal["collection", "item"] = "collection"
    employees_me: Literal["collection", "item"] = "collection"
    collect_errors: frozenset[str] = frozenset({"client-notes"})
    """Paths of the resources that answer type errors as 422 with violations (collectDenormalizationErrors)."""
    enum_errors: Literal[400, 422] = 422

    # paging, filters, search
    items_per_page: bool = True
    """Whether the parameter itemsPerPage is honoured or ignored."""
    page_size: int = 30
    page_size_max: int | None = 100
    filters: frozenset[str] | None = None
    """Declared filters as in hydra:search without [] ("name", "order[name]", "exists[tin]", "country.code").
    None: those of the recordings. Empty: none at all. Undeclared parameters are ignored."""
    exact_filters: frozenset[str] = frozenset()
    """Text filters that compare the whole value although the recorded one looks for a part."""
    search_param: str = "search"
    search_declared: bool = False
    search_min_length: int = 0
    """Shorter search texts find nothing."""
    unstable_order: bool = False
    """Without an explicit order, each answer has an order of its own, as a database may give it."""

    # who may
    token: str = "demo-token"  # noqa: S105 - a stand-in, published in the command's help
    username: str = "demo"
    password: str = "demo"  # noqa: S105
    login: bool = True
    token_lifetime: float = 3600.0
    instance: str | None = None
    """When set, a request whose header `instance` differs is refused with 403."""
    me: str = "1"
    """Key of the employee that /employees/me answers."""

    # rules of the house
    unique_tin: bool = False
    counterparty_writes: Literal["both", "plural", "singular"] = "both"
    delete_in_use: Literal["allow", "409", "500"] = "500"
    merge_keeps: Literal["path", "body"] = "path"
    merge_member: str = "counterparties"
    merge_status: Literal[200, 201, 202, 204] = 201
    merge_delay: float = 0.0
    """With 202: how long until the merge is carried out."""
    merge_moves_references: bool = True
    merged_answer: Literal["404", "410", "redirect", "survivor"] = "404"
    enrich_status: Literal[200, 201, 202, 204] = 201
    enrich_many_status: Literal[200, 201, 202, 204] = 202
    enrich_delay: float = 0.0

    # the transport
    latency_ms: int = 0

    # the data
    codes_as_ids: bool = False
    """Countries and currencies are keyed by code ("/countries/DK") instead of by number. Read when seeding."""

    @property
    def modern(self) -> bool:
        """Whether the server behaves as API Platform 4 where the versions differ beside the switches."""
        return self.errors == "problem4"


FLOWTLY = Profile("flowtly")
V4 = Profile("v4", hydra_prefix=False, errors="problem4", content_location="suffixed")
LEGACY = Profile(
    "legacy",
    errors="legacy",
    embed_contacts=True,
    items_per_page=False,
    filters=frozenset(),
    collect_errors=frozenset(),
    codes_as_ids=True,
)
PROFILES: dict[str, Profile] = {each.name: each for each in (FLOWTLY, V4, LEGACY)}


def resolve(profile: str | Profile, **overrides: Any) -> Profile:
    """A profile by name or value with some switches turned; an unknown name raises ValueError or TypeError."""
    if isinstance(profile, str):
        if profile not in PROFILES:
            raise ValueError(f"Unknown profile {profile!r}: choose from {', '.join(PROFILES)}.")
        profile = PROFILES[profile]
    for name in ("filters", "exact_filters", "embed_relations", "collect_errors"):
        if overrides.get(name) is not None:
            overrides[name] = frozenset(overrides[name])
    if "prefix" in overrides:
        overrides["prefix"] = "/" + overrides["prefix"].strip("/") if overrides["prefix"].strip("/") else ""
    return replace(profile, **overrides)
