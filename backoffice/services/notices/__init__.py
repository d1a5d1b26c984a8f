"""Telling people: a bell with what they have not read, and mail where it is configured."""

from __future__ import annotations

from backoffice.services.notices.mail import send_due
from backoffice.services.notices.stored import (
    ended_untold,
    listed,
    mark_all_read,
    mark_read,
    settle,
    tell,
    tell_ended,
    unread,
)
from backoffice.services.notices.words import sentence

__all__ = [
    "ended_untold",
    "listed",
    "mark_all_read",
    "mark_read",
    "send_due",
    "sentence",
    "settle",
    "tell",
    "tell_ended",
    "unread",
]
