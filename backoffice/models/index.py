"""The index: one local copy of each record, with typed columns for what lists filter, sort and count.

The columns come from the Resources; a new entity or field is one more generated migration. There is no column
for the Upstream: a database serves one Flowtly only (`Upstream`).
"""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Lower, Substr

from backoffice.resources import PAGES, Field, Kind, Resource
from backoffice.resources.criteria import Watch

COLUMN = "v_"  # in front of a field's name, so that no field can clash with a column of ours
SORTED_BY = 60  # characters of a text that decide its place

_NUMBERS = (Kind.INTEGER, Kind.BOOLEAN, Kind.LIST)


class Snapshot(models.Model):
    """How far the copy of one entity is.

    `refreshed_at`: when the reading began that the copy was last completed by; None before the first.
    `asked_at`: somebody wants it anew. `missing`: fields that records have and the collection does not carry, so
    that nothing can be said of them here. `changes` counts how often rows of it changed or went. The lease is
    that of the process which reads.
    """

    entity = models.CharField(max_length=50, unique=True)
    refreshed_at = models.DateTimeField(null=True, blank=True)
    asked_at = models.DateTimeField(null=True, blank=True)
    tried_at = models.DateTimeField(null=True, blank=True)
    generation = models.PositiveIntegerField(default=0)
    changes = models.PositiveBigIntegerField(default=0)
    missing: models.JSONField[Any] = models.JSONField(default=list)
    problem = models.CharField(max_length=300, blank=True)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.entity


class IndexRow(models.Model):
    """One record as last read. `read_at` is the moment before it was asked for; an older reading never wins.

    `search`: what the search looks through, folded. `odd`: values that do not fit their column, as they came.
    """

    key = models.CharField(max_length=200, unique=True)
    iri = models.CharField(max_length=500)
    label = models.CharField(max_length=500)
    search = models.TextField()
    odd: models.JSONField[Any] = models.JSONField(default=dict)
    digest = models.CharField(max_length=32)
    generation = models.PositiveIntegerField()
    read_at = models.DateTimeField()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.label


def column(name: str) -> str:
    return COLUMN + name


def place_of(name: str) -> Lower:
    """What a text is sorted by: its beginning, without regard to capitals."""
    return Lower(Substr(column(name), 1, SORTED_BY))


def is_text(item: Field) -> bool:
    return item.kind not in _NUMBERS


def _column_for(item: Field) -> models.Field[Any, Any]:
    if item.kind is Kind.INTEGER:
        return models.BigIntegerField(null=True)
    if item.kind is Kind.BOOLEAN:
        return models.BooleanField(null=True)
    return models.JSONField(null=True) if item.kind is Kind.LIST else models.TextField(null=True)


def _index_for(resource: Resource, item: Field) -> models.Index:
    name = f"{resource.slug[:12]}_{item.name[:14]}"
    if item.kind is Kind.REFERENCE or not is_text(item):
        return models.Index(fields=[column(item.name)], name=name)
    return models.Index(place_of(item.name), name=name)


def _watched_fields(resource: Resource) -> list[Watch]:
    return [
        watch
        for watch in resource.watched
        if watch.criterion.is_empty and watch.criterion.name in resource.by_name
    ]


def _index_of_empty(resource: Resource, name: str) -> models.Index:
    """Of the rows that lack it alone, so that the home page counts them without looking at the others."""
    condition = models.Q(**{f"{column(name)}__isnull": True})
    return models.Index(fields=["id"], name=f"{resource.slug[:12]}_no_{name[:12]}", condition=condition)


def _row_model(resource: Resource) -> type[IndexRow]:
    """The table of one entity; what its list shows or filters by is indexed."""
    indexed = dict.fromkeys((*resource.list_display, *resource.list_filter))
    indexes = [_index_for(resource, resource.by_name[name]) for name in indexed]
    indexes += [_index_of_empty(resource, watch.criterion.name) for watch in _watched_fields(resource)]
    members: dict[str, Any] = {column(item.name): _column_for(item) for item in resource.fields}
    members["Meta"] = type("Meta", (), {"indexes": indexes})
    members["__module__"] = __name__
    members["__qualname__"] = name = f"{resource.type}Row"
    return type(name, (IndexRow,), members)


ROWS: dict[str, type[IndexRow]] = {slug: _row_model(resource) for slug, resource in PAGES.items()}
