"""What can go wrong with a call to Flowtly, one class for each remedy.

    FlowtlyError                    catch this to catch them all
    ├── NotFound                    404 of a record, 410: it is not there (any more)
    ├── RouteMissing                405, 404 of a route or of a proxy: this server has no such address
    ├── Unauthorized                401 that a fresh login did not cure: check token or password
    ├── Forbidden                   403: ask for the right to do this
    ├── Invalid                     400, 413, 422: correct the input; `violations` says where
    ├── Conflict                    409, 412: read again, decide again
    ├── RateLimited                 429 for longer than we may wait: come back after `retry_after`
    ├── Unavailable                 no connection; a GET that timed out or met 5xx to the end: try later
    ├── OutcomeUnknown              a write whose answer was lost: read back before anything else
    └── BadResponse                 an answer that cannot be right: tell whoever runs the API
        └── ShiftedPages            a list that changed while it was being read: read it again

A write raises OutcomeUnknown when it may have been done. Every other error of a write is a
promise: nothing was written.

`message` is for the person at the screen and may quote the server, and with it what was typed.
`str(error)` is for logs: it names class, method, path, status and request id, never a body, a query
value, a token or a password.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self


@dataclass(frozen=True)
class Violation:
    """One complaint of the server about one field.

    `path` is the property path as the server gave it ("name", "clientContacts[0].email", "" for a rule
    about the whole record); `code` is the constraint's stable id where there is one.
    """

    path: str
    message: str
    code: str | None = None


class FlowtlyError(Exception):
    """Base of all errors of this package.

    `quoted` says that `message` contains the server's own words, which may repeat personal data;
    `str()` then leaves them out.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        request_id: str = "",
        method: str = "",
        path: str = "",
        quoted: bool = False,
    ) -> None:
        super().__init__()
        self.message = message
        self.status = status
        self.request_id = request_id
        self.method = method
        self.path = path
        self.quoted = quoted

    def __str__(self) -> str:
        parts = [f"{self.method} {self.path}".strip()]
        if self.status is not None:
            parts.append(f"answered {self.status}")
        if not self.quoted:
            parts.append(f"({self.message})")
        if self.request_id:
            parts.append(f"[request {self.request_id}]")
        return " ".join(part for part in parts if part)

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self}>"

    def located(self, *, status: int | None, request_id: str, method: str, path: str) -> Self:
        """Fill in the call that met this error, where the raising code could not know it."""
        self.status = status if self.status is None else self.status
        self.request_id = self.request_id or request_id
        self.method = self.method or method
        self.path = self.path or path
        return self


class NotFound(FlowtlyError):
    """The record does not exist, or no longer."""


class RouteMissing(FlowtlyError):
    """The server has no such address or method: another version, or a wrong base URL.

    Kept apart from NotFound, so that a wrong prefix is never read as "the record is gone".
    """


class Unauthorized(FlowtlyError):
    """The credentials are refused, and logging in again did not help."""


class Forbidden(FlowtlyError):
    """The credentials are good but may not do this."""


class Invalid(FlowtlyError):
    """The server refuses what was sent; nothing was written."""

    def __init__(
        self,
        message: str,
        *,
        violations: tuple[Violation, ...] = (),
        status: int | None = None,
        request_id: str = "",
        method: str = "",
        path: str = "",
        quoted: bool = False,
    ) -> None:
        super().__init__(message, status=status, request_id=request_id, method=method, path=path, quoted=quoted)
        self.violations = violations


class Conflict(FlowtlyError):
    """Somebody else changed the record, or the server's rules clash with the request."""


class RateLimited(FlowtlyError):
    """Too many requests, for longer than this call may wait; `retry_after` in seconds, if known."""

    def __init__(
        self,
        message: str,
        *,
        retry_after: float | None = None,
        status: int | None = None,
        request_id: str = "",
        method: str = "",
        path: str = "",
        quoted: bool = False,
    ) -> None:
        super().__init__(message, status=status, request_id=request_id, method=method, path=path, quoted=quoted)
        self.retry_after = retry_after


class Unavailable(FlowtlyError):
    """Flowtly could not be reached or is out of order; what was asked was not done."""


class OutcomeUnknown(FlowtlyError):
    """The answer to a write was lost: it may have been done or not. Never repeat it blindly."""


class BadResponse(FlowtlyError):
    """The answer cannot be read, or contradicts itself."""


class ShiftedPages(BadResponse):
    """A list changed under the reader: a total moved, a record came twice, or some never came.

    `expected` is the total that the first page announced, `seen` how many records had been read.
    """

    def __init__(self, message: str, *, expected: int | None = None, seen: int = 0) -> None:
        super().__init__(message)
        self.expected = expected
        self.seen = seen
