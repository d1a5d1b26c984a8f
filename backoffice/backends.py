"""Signing in: Django's own check, and no demo account where demo mode is off."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend


class RoleBackend(ModelBackend):
    """Permissions come from roles (services/access.py), so Django's own tables are never asked."""

    def user_can_authenticate(self, user: Any) -> bool:
        allowed = settings.DEMO or not getattr(user, "demo", False)
        return allowed and super().user_can_authenticate(user)
