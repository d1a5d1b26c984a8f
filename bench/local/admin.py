"""The changelist that the clients list is held against, with and without checkboxes."""

from __future__ import annotations

from django.contrib import admin

from bench.local.models import Client, StockClient


class StockClientAdmin(admin.ModelAdmin):  # type: ignore[type-arg]
    """As a careful developer writes it: no query per row, no filter of a thousand links."""

    list_display = ("name", "status", "country", "currency", "tin", "due_days", "default_cost")
    list_filter = ("status", "country", "currency", "tin_type")
    search_fields = ("name", "tin", "vat_number")
    list_select_related = ("country", "currency", "default_cost")
    list_per_page = 100


class ClientAdmin(StockClientAdmin):
    """Without checkboxes, to show what they cost; the clients list has them as well."""

    actions = None


admin.site.register(Client, ClientAdmin)
admin.site.register(StockClient, StockClientAdmin)
