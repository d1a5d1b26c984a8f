"""Users, their roles, and the audit trail to read. Permissions are the table in services/access.py."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.db.models import Model
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from backoffice.models import AuditEntry, User
from backoffice.services.access import Permission, can


class _ForAdmins:
    """The admin role may do everything that the class below does not withhold."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return can(request.user, Permission.ADMIN)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return can(request.user, Permission.ADMIN)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return can(request.user, Permission.ADMIN)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return can(request.user, Permission.ADMIN)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(_ForAdmins, DjangoUserAdmin):  # type: ignore[type-arg]
    """Accounts are switched off, never deleted: the audit trail names them."""

    list_display = ("username", "email", "first_name", "last_name", "is_active", "roles", "last_login")
    list_filter = ("is_active", "groups")
    filter_horizontal = ("groups",)
    readonly_fields = ("last_login", "date_joined")
    fieldsets = (
        (None, {"fields": ("username", "password", "is_active")}),
        (_("Person"), {"fields": ("first_name", "last_name", "email", "language")}),
        (_("Roles"), {"fields": ("groups",)}),
        (_("Dates"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (
            None,
            {"classes": ("wide",), "fields": ("username", "email", "usable_password", "password1", "password2")},
        ),
    )

    @admin.display(description=_("roles"))
    def roles(self, user: User) -> str:
        return ", ".join(group.name for group in user.groups.all())

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("groups")


class GroupAdmin(_ForAdmins, admin.ModelAdmin):  # type: ignore[type-arg]
    """The five roles; what each may do is code."""

    fields = readonly_fields = ("name",)
    list_display = ("name", "people")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    @admin.display(description=_("people"))
    def people(self, group: Group) -> int:
        return User.objects.filter(groups=group).count()


@admin.register(AuditEntry)
class AuditEntryAdmin(_ForAdmins, admin.ModelAdmin):  # type: ignore[type-arg]
    """To read and to search; nothing here can be changed."""

    list_display = ("seq", "at", "actor_name", "action", "outcome", "entity", "key", "label")
    list_filter = ("action", "outcome", "entity")
    search_fields = ("actor_name", "key", "request_id", "job_id")
    date_hierarchy = "at"
    list_select_related = False
    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


admin.site.unregister(Group)
admin.site.register(Group, GroupAdmin)
