"""The Django admin, for people with the admin role only; it signs in through our own login."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _

from backoffice.services.access import Permission, can


class BackofficeAdminSite(admin.AdminSite):
    site_header = site_title = _("Flowtly back office")
    index_title = _("Administration")
    site_url = "/"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        return can(request.user, Permission.ADMIN)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Our login page throttles and audits; who is signed in without the role is refused, not asked again."""
        if request.user.is_authenticated and not self.has_permission(request):
            raise PermissionDenied
        there = request.GET.get("next", "")
        if not url_has_allowed_host_and_scheme(there, allowed_hosts=None):
            there = reverse("admin:index")
        return redirect(there) if self.has_permission(request) else redirect_to_login(there)
