"""Lists, pages and forms of every entity that has pages of its own."""

from __future__ import annotations

from backoffice.views.records.alike import alike
from backoffice.views.records.children import move, tab
from backoffice.views.records.copies import refresh
from backoffice.views.records.deletion import delete
from backoffice.views.records.detail import detail, record_history
from backoffice.views.records.editing import check_tax, create, edit
from backoffice.views.records.exporting import edit_selected, export_list, export_selected, export_selection
from backoffice.views.records.filtering import add_filter
from backoffice.views.records.layouts import (
    columns,
    default_view,
    delete_view,
    overwrite_view,
    page_size,
    view,
    views,
)
from backoffice.views.records.listing import labels, record_list
from backoffice.views.records.lookups import suggest
from backoffice.views.records.selection import select, select_all, select_none

__all__ = [
    "add_filter",
    "alike",
    "check_tax",
    "columns",
    "create",
    "default_view",
    "delete",
    "delete_view",
    "detail",
    "edit",
    "edit_selected",
    "export_list",
    "export_selected",
    "export_selection",
    "labels",
    "move",
    "overwrite_view",
    "page_size",
    "record_history",
    "record_list",
    "refresh",
    "select",
    "select_all",
    "select_none",
    "suggest",
    "tab",
    "view",
    "views",
]
