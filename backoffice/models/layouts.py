"""How people arrange lists: columns and page size of each person, and views under a name."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q

LONGEST_NAME = 80


class SavedView(models.Model):
    """What a list shows, under a name. `query` is the list's address without page and size.

    A shared view is everybody's. `query` may hold a name that somebody searched for, so a person who is redacted
    is to be looked for here as well.
    """

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="saved_views")
    entity = models.CharField(max_length=50)
    name = models.CharField(max_length=LONGEST_NAME)
    shared = models.BooleanField(default=False)
    query = models.TextField(blank=True)
    columns: models.JSONField[Any] = models.JSONField(default=list)
    size = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(fields=["owner", "entity", "name"], name="one_view_per_name")]

    def __str__(self) -> str:
        return self.name


class ListLayout(models.Model):
    """How one person has a list, or one view of it: [] and 0 stand for what is delivered or saved.

    `opens` is the view that the bare address shows; it stands in the row of the list alone.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="list_layouts")
    entity = models.CharField(max_length=50)
    view = models.ForeignKey(SavedView, null=True, on_delete=models.CASCADE, related_name="layouts")
    columns: models.JSONField[Any] = models.JSONField(default=list)
    size = models.PositiveSmallIntegerField(default=0)
    opens = models.ForeignKey(SavedView, null=True, on_delete=models.SET_NULL, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "entity"], condition=Q(view=None), name="one_layout_per_person_and_list"
            ),
            models.UniqueConstraint(
                fields=["user", "view"], condition=~Q(view=None), name="one_layout_per_person_and_view"
            ),
        ]

    def __str__(self) -> str:
        return self.entity
