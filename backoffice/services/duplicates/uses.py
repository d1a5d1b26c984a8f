"""How many records use each one (clients by their default cost), by the index: the queue is ordered by it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from backoffice.models import GroupMember
from backoffice.models.index import ROWS
from backoffice.resources import PAGES, Children, Resource
from backoffice.services import index
from backoffice.services.duplicates.said import portions


def users_of(resource: Resource) -> Children | None:
    """Where the records stand that use those of this entity; None where nobody does."""
    return next((tab for tab in resource.tabs if isinstance(tab, Children) and not tab.owned), None)


def counted(resource: Resource, iris: Iterable[str]) -> Mapping[str, int] | None:
    """How many records name each of these addresses; None where the index cannot tell."""
    tab = users_of(resource)
    if tab is None or not _answers(resource, tab):
        return None
    found: dict[str, int] = {}
    for some in portions(iris):
        found |= index.referring(PAGES[tab.entity], tab.parent, some)
    return found


def total(uses: Iterable[int | None]) -> int | None:
    """Of a group: None where of one member nobody can tell."""
    found = list(uses)
    return None if None in found else sum(use or 0 for use in found)


def differing(resource: Resource) -> Mapping[int, int | None]:
    """Members of groups, by their row, that are used by more or fewer than they tell; by one query."""
    tab = users_of(resource)
    if tab is None:
        return {}
    members = GroupMember.objects.filter(group__entity=resource.slug).order_by()
    if not _answers(resource, tab):
        return dict.fromkeys(members.exclude(uses=None).values_list("pk", flat=True))
    own = ROWS[resource.slug]._default_manager.filter(key=OuterRef("key")).values("iri")
    members = members.annotate(iri=Subquery(own[:1]))
    users = index.naming(PAGES[tab.entity], tab.parent, OuterRef("iri"))
    members = members.annotate(now=Coalesce(Subquery(users), 0))
    return dict(members.exclude(uses=F("now")).values_list("pk", "now"))


def _answers(resource: Resource, tab: Children) -> bool:
    age = index.age(PAGES[tab.entity])
    return age is not None and _names_ours(resource.slug, tab, age.refreshed_at)


@lru_cache(maxsize=4)
def _names_ours(slug: str, tab: Children, refreshed_at: object) -> bool:
    """Whether the field holds addresses of this entity, once for each reading: it looks at every row."""
    other = PAGES[tab.entity]
    return tab.parent not in index.left_out(other) and index.names_records_of(other, tab.parent, PAGES[slug])
