"""Files of what a list shows: asked for, made at once or by the worker, downloaded by their owner, deleted."""

from __future__ import annotations

from backoffice.services.exports.editing import MOST_RECORDS, TooManyRecords
from backoffice.services.exports.files import ended, expire, forget
from backoffice.services.exports.make import SMALL, work
from backoffice.services.exports.requests import delete, download, request, stop
from backoffice.services.exports.sources import CannotBeTold, Outlook, Source, of_list, of_selection, outlook

__all__ = [
    "MOST_RECORDS",
    "SMALL",
    "CannotBeTold",
    "Outlook",
    "Source",
    "TooManyRecords",
    "delete",
    "download",
    "ended",
    "expire",
    "forget",
    "of_list",
    "of_selection",
    "outlook",
    "request",
    "stop",
    "work",
]
