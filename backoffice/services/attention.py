"""What somebody has to see to, counted in our own database alone: Flowtly is not asked."""

from __future__ import annotations

from dataclasses import dataclass

from backoffice.models import GroupState, User
from backoffice.resources import PAGES, Resource
from backoffice.resources.criteria import Watch
from backoffice.services import duplicates, index, jobs
from backoffice.services.index import Age, Lack, Question


@dataclass(frozen=True)
class Watched:
    """How many records of `resource` meet the watch; None where `lack` says why it cannot be told."""

    resource: Resource
    watch: Watch
    number: int | None
    lack: Lack | None = None


@dataclass(frozen=True)
class Copies:
    """The copies of all entities: the oldest, whether any is being read, and which could not be."""

    oldest: Age | None
    asked: bool
    failed: list[Resource]


def watched() -> list[Watched]:
    """What the declarations of the entities watch, in their order."""
    return [_count(resource, watch) for resource in PAGES.values() for watch in resource.watched]


def _count(resource: Resource, watch: Watch) -> Watched:
    question = Question(resource, criteria=(watch.criterion,))
    lack = index.lack_for(question)
    return Watched(resource, watch, index.total(question) if lack is None else None, lack)


def waiting(viewer: User) -> list[tuple[jobs.Group, int]]:
    """The groups of jobs that hold any this person is shown."""
    found = ((group, jobs.listed(viewer=viewer, group=group).count()) for group in jobs.Group)
    return [(group, number) for group, number in found if number]


def alike() -> list[tuple[Resource, int]]:
    """How many groups of possible duplicates are to be looked at, of each entity that was compared."""
    compared = [resource for resource in duplicates.queued() if duplicates.in_force(resource) is not None]
    return [(resource, duplicates.queue.counts(resource)[GroupState.OPEN]) for resource in compared]


def copies() -> Copies:
    ages = {slug: index.age(resource) for slug, resource in PAGES.items()}
    there = [age for age in ages.values() if age is not None]
    return Copies(
        oldest=min(there, key=lambda age: age.refreshed_at, default=None),
        asked=any(age.asked for age in there),
        failed=[PAGES[slug] for slug, age in ages.items() if age and age.problem],
    )


def read_again() -> None:
    """Have every copy made anew by the worker."""
    for resource in PAGES.values():
        index.ask(resource)
