"""Lists, pages and forms of every entity that has pages of its own."""

from __future__ import annotations

from backoffice.views.records.children import move, tab
from backoffice.views.records.copies import refresh
from backoffice.views.records.deletion import delete
from backoffice.views.records.detail import detail, record_history
from backoffice.views.records.editing import check_tax, create, edit
from backoffice.views.records.filtering import add_filter
from backoffice.views.records.listing import labels, record_list
from backoffice.views.records.lookups import suggest
from backoffice.views.records.selection import select, select_all, select_none

__all__ = [
    "add_filter",
    "check_tax",
    "create",
    "delete",
    "detail",
    "edit",
    "labels",
    "move",
    "record_history",
    "record_list",
    "refresh",
    "select",
    "select_all",
    "select_none",
    "suggest",
    "tab",
]
