"""What belongs to a record and what refers to it: told by Flowtly, else by the index with its age."""

from __future__ import annotations

from dataclasses import dataclass, replace

from backoffice.resources import REGISTRY, Children, Record, Resource
from backoffice.resources.criteria import Criterion, Operator
from backoffice.services import index, reading
from backoffice.services.index import Age, Question
from backoffice.services.reading import Referrers, Related
from backoffice.services.reading.related import SIZE


@dataclass(frozen=True)
class Belonging:
    """`age` is that of the index, None where Flowtly itself told."""

    related: Related
    age: Age | None = None


@dataclass(frozen=True)
class Referring:
    """As Belonging; `iri` is what a list of all of them is narrowed by."""

    found: Referrers
    iri: str
    age: Age | None = None


def children_of(
    resource: Resource, key: str, tab: Children, *, record: Record | None = None, page: int = 1
) -> Belonging:
    """As `reading.children_of`; the index steps in where this API cannot say."""
    related = reading.children_of(resource, key, tab, record=record, page=page)
    iri = record.iri if record else resource.item_path(key)
    if related.told or (question := _question(REGISTRY[tab.entity], tab.parent, resource, iri)) is None:
        return Belonging(related)
    ordered = replace(question, sort=(tab.order,) if tab.order else ())
    total, start = index.total(question), (page - 1) * SIZE
    records = index.page(ordered, start=start, size=SIZE)
    copied = Related(records, total, has_next=start + SIZE < total)
    return Belonging(copied, index.age(question.resource))


def referrers_of(record: Record, *, first: int = 5) -> list[Referring]:
    """As `reading.referrers_of`; the index steps in field by field."""
    return [_referring(record, found, first) for found in reading.referrers_of(record, first=first)]


def _referring(record: Record, found: Referrers, first: int) -> Referring:
    name, iri = found.field.name, record.iri
    if found.told or (question := _question(found.resource, name, record.resource, iri)) is None:
        return Referring(found, record.iri)
    records, total = index.page(question, start=0, size=first), index.total(question)
    copied = Referrers(found.resource, found.field, records, total, told=True)
    return Referring(copied, record.iri, index.age(found.resource))


def _question(resource: Resource, name: str, target: Resource, iri: str) -> Question | None:
    """None where the copy cannot tell, or where the field does not hold addresses of such records."""
    question = Question(resource, criteria=(Criterion(name, Operator.IS, (iri,)),))
    if not index.can_answer(question) or not index.names_records_of(resource, name, target):
        return None
    return question
