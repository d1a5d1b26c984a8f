"""What every page's shell needs: navigation, the environment, recently opened records; and what one may do."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _

from backoffice.models import User
from backoffice.models.users import Theme
from backoffice.resources import PAGES
from backoffice.services import duplicates, notices
from backoffice.services.access import Permission, can
from backoffice.services.finding import Action
from backoffice.services.reading import recent


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context of templates/base.html; fragments for htmx do without the parts that cost queries."""
    user = getattr(request, "user", None)
    context: dict[str, Any] = {
        "app": {
            "version": settings.VERSION,
            "environment": settings.ENVIRONMENT,
            "upstream": _("sandbox") if settings.SANDBOX else urlsplit(settings.FLOWTLY_API_URL).netloc,
            "demo": settings.DEMO,
        },
        "nav": [],
        "account": [],
        "recent": [],
        "unread": 0,
    }
    htmx = getattr(request, "htmx", None)
    if isinstance(user, User) and not (htmx and not htmx.boosted):
        context["nav"] = _navigation(request, user)
        context["account"] = _account(request)
        context["unread"] = notices.unread(user)
        context["recent"] = [
            {
                "label": opened.label,
                "url": reverse("detail", args=[opened.resource, opened.key]),
                "entity": capfirst(str(opened.resource.label)),
                "icon": opened.resource.icon,
            }
            for opened in recent(user)
            if opened.resource.slug in PAGES
        ]
    return context


def actions(request: HttpRequest, user: User) -> Iterator[Action]:
    """What the search for everything offers: what may be created, where the shell leads to, and the looks."""
    if can(user, Permission.EDIT):
        for item in PAGES.values():
            label = _("New %(entity)s") % {"entity": item.label}
            yield Action(label, reverse("create", args=[item]), "plus-lg")
    places = [place for section in _navigation(request, user) for place in section["items"]]
    for place in [*places, *_account(request)]:
        keys = f"g {place['key']}" if place["key"] else ""
        yield Action(place["label"], place["url"], place["icon"], keys)
    for theme, label, icon in _looks():
        if theme != user.theme:
            yield Action(label, reverse("preference_set"), icon, sets=("theme", theme))


def _looks() -> list[tuple[str, str, str]]:
    return [
        (Theme.LIGHT, _("Switch to light"), "sun"),
        (Theme.DARK, _("Switch to dark"), "moon"),
        (Theme.AUTO, _("Light or dark as the system"), "circle-half"),
    ]


def _account(request: HttpRequest) -> list[dict[str, Any]]:
    return [
        _item(request, _("Preferences"), reverse("preferences"), "sliders", ""),
        _item(request, _("Change password"), reverse("password_change"), "key", ""),
    ]


def _navigation(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    records = [
        _item(request, capfirst(str(item.label_plural)), reverse("list", args=[item]), item.icon, item.shortcut)
        for item in PAGES.values()
    ]
    sections = [
        {"label": "", "items": [_item(request, _("Home"), reverse("home"), "house", "h", exact=True)]},
        {"label": _("Records"), "items": records},
        {
            "label": _("Work"),
            "items": [
                _item(request, _("Duplicates"), reverse("duplicates"), "copy", "d")
                | {"waiting": duplicates.waiting()},
                _item(request, _("Jobs"), reverse("jobs"), "hourglass-split", "j"),
                _item(request, _("Branding"), reverse("branding"), "image", "b"),
                _item(request, _("History"), reverse("history"), "clock-history", "y"),
                _item(request, _("Exports"), reverse("exports"), "download", "x"),
            ],
        },
    ]
    if can(user, Permission.ADMIN):
        sections.append(
            {
                "label": _("Administration"),
                "items": [
                    _item(request, _("Users and audit"), reverse("admin:index"), "shield-lock", "a"),
                    _item(request, _("Connection"), reverse("connection"), "check-circle", "f"),
                    _item(request, _("Personal data"), reverse("privacy"), "lock", ""),
                ],
            }
        )
    return sections


def _item(
    request: HttpRequest, label: str, url: str, icon: str, key: str, *, exact: bool = False
) -> dict[str, Any]:
    active = request.path == url if exact else request.path.startswith(url)
    return {"label": label, "url": url, "icon": icon, "active": active, "key": key}
