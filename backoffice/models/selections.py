"""What people ticked in lists: kept on the server, so that nothing of it depends on a page being open."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class SelectionState(models.TextChoices):
    DRAFT = "draft", _("Being put together")
    FROZEN = "frozen", _("Frozen")


class Selection(models.Model):
    """Records of one entity. A draft is what its owner's ticks go to; what is done to records, is done to a frozen
    copy, which never changes.

    `scope` says in words what was selected as a whole ("Status: active"); `by_hand`: single records were ticked or
    unticked as well. `query`: search and criteria of the list (ListQuery.kept) where just all of it was selected.
    After `expires_at` it is as if it were not there.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="selections")
    entity = models.CharField(max_length=50)
    name = models.CharField(max_length=200, blank=True)
    scope = models.CharField(max_length=500, blank=True)
    query: models.JSONField[Any] = models.JSONField(default=dict, blank=True)
    by_hand = models.BooleanField(default=False)
    state = models.CharField(max_length=10, choices=SelectionState, default=SelectionState.DRAFT)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["owner", "entity"],
                condition=models.Q(state="draft"),
                name="one_draft_per_person_and_entity",
            )
        ]

    def __str__(self) -> str:
        return self.name or f"{self.entity} {self.pk}"


class SelectedKey(models.Model):
    """One record of a selection. The pair is its own index, in both directions that are asked for."""

    selection = models.ForeignKey(Selection, on_delete=models.CASCADE, related_name="keys", db_index=False)
    key = models.CharField(max_length=200)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["selection", "key"], name="one_row_per_selected_record")]

    def __str__(self) -> str:
        return self.key
