"""Files of what a list shows: asked for, made at once or by the worker, downloaded by their owner, deleted."""

from __future__ import annotations

from backoffice.services.exports.files import ended, expire, forget
from backoffice.services.exports.make import SMALL, work
from backoffice.services.exports.requests import delete, download, request, stop
from backoffice.services.exports.sources import CannotBeTold, Outlook, Source, of_list, outlook

__all__ = [
    "SMALL",
    "CannotBeTold",
    "Outlook",
    "Source",
    "delete",
    "download",
    "ended",
    "expire",
    "forget",
    "of_list",
    "outlook",
    "request",
    "stop",
    "work",
]
