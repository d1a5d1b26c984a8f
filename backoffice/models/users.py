"""People who sign in, with their preferences."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _


class Theme(models.TextChoices):
    AUTO = "auto", _("As the system")
    LIGHT = "light", _("Light")
    DARK = "dark", _("Dark")


class Density(models.TextChoices):
    COMFORTABLE = "comfortable", _("Comfortable")
    COMPACT = "compact", _("Compact")


class User(AbstractUser):
    """A person. Roles are groups (services/access.py); permissions are never edited by hand."""

    language = models.CharField(_("language"), max_length=10, blank=True, default="")
    theme = models.CharField(_("theme"), max_length=10, choices=Theme, default=Theme.AUTO)
    density = models.CharField(_("density"), max_length=12, choices=Density, default=Density.COMFORTABLE)
    shortcuts = models.BooleanField(_("keyboard shortcuts"), default=True)
    sidebar_collapsed = models.BooleanField(_("narrow sidebar"), default=False)
    # The address of the employee in Flowtly who this person is; chosen by the person, never assumed.
    employee = models.CharField(_("employee in Flowtly"), max_length=500, blank=True, default="", editable=False)
    # Made by `manage.py demo`; such an account cannot sign in where demo mode is off.
    demo = models.BooleanField(_("demo account"), default=False, editable=False)
