"""The two Django applications: ours, and the Django admin with our access rule."""

from __future__ import annotations

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class BackofficeConfig(AppConfig):
    name = "backoffice"
    default = True

    def ready(self) -> None:
        from backoffice import signals  # noqa: F401 - connects sign-in signals once models are loaded


class AdminConfig(admin_apps.AdminConfig):
    default = False
    default_site = "backoffice.admin_site.BackofficeAdminSite"
