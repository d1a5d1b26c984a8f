"""Tables that come in: a sheet for editing that comes back, and lists of numbers that name records."""

from __future__ import annotations

from backoffice.services.transfer.files import Refused
from backoffice.services.transfer.lines import Line, Problem
from backoffice.services.transfer.pasted import MOST_LINES, Missed, Pasted, add, terms_in
from backoffice.services.transfer.reader import Found, read
from backoffice.services.transfer.tables import terms_of_file
from backoffice.services.transfer.uploads import drop_expired, keep, kept, lines_of, plan

__all__ = [
    "MOST_LINES",
    "Found",
    "Line",
    "Missed",
    "Pasted",
    "Problem",
    "Refused",
    "add",
    "drop_expired",
    "keep",
    "kept",
    "lines_of",
    "plan",
    "read",
    "terms_in",
    "terms_of_file",
]
