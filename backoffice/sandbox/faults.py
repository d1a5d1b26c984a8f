"""Faults on demand: what goes wrong, with which requests, how often; and edits by somebody else meanwhile."""

from __future__ import annotations

import fnmatch
import re
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any, Literal, get_args

from werkzeug.wrappers import Request, Response

from . import answers
from .problems import Problem
from .profiles import Profile
from .schema import BY_PATH
from .storage import Storage, parse_key

Kind = Literal["status", "reset", "hang", "delay", "truncate", "garbage", "empty"]
BROKEN = "sandbox.broken"
"""Key in the WSGI environment under which the transport learns how to spoil the connection."""


@dataclass
class Rule:
    """Which requests: by method and path without prefix (a glob, or a regular expression that begins with ^).

    A `*` of a glob matches slashes too: "/clients/*" is also "/clients/2/documents".
    """

    method: str = "*"
    path: str = "*"
    times: int | None = 1
    """How many requests; None for all that come."""
    skip: int = 0
    """How many matching requests pass first."""

    def matches(self, method: str, path: str) -> bool:
        """Whether this request is one of them; counts."""
        if not self._concerns(method, path) or self.times == 0:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def _concerns(self, method: str, path: str) -> bool:
        if self.method not in ("*", method):
            return False
        if self.path.startswith("^"):
            return re.search(self.path, path) is not None
        return fnmatch.fnmatchcase(path, self.path)


@dataclass
class Fault(Rule):
    """One thing that goes wrong.

    status    answers `status`: in the API's words (body="json"), as a proxy (body="html"), or with `body`
    reset     cuts the connection with a RST
    hang      says nothing for `seconds`, then cuts the connection
    delay     answers as usual, but `seconds` later
    truncate  announces the whole body and sends half of it
    garbage   answers 2xx with something that is no JSON
    empty     answers 2xx without a body

    With `apply` the request is carried out first and only its answer is lost. A read is always carried out
    where its real answer is to be spoilt.
    """

    kind: Kind = "status"
    status: int = 500
    retry_after: int | str | None = None
    """Seconds, or any text for the header, such as an HTTP date."""
    retry_after_date: bool = False
    """Writes `retry_after` seconds as an HTTP date."""
    body: str = "json"
    detail: str | None = None
    seconds: float = 30.0
    apply: bool = False
    ended: threading.Event = field(default_factory=threading.Event, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"Unknown kind of fault {self.kind!r}: choose from {', '.join(get_args(Kind))}.")

    def spoil(self, request: Request, profile: Profile, respond: Callable[[], Response]) -> Response:
        """What to answer in place of `respond()`; marks the connection where it is to break."""
        if self.kind == "delay":
            self.ended.wait(self.seconds)
            return respond()
        reading = request.method in ("GET", "HEAD")
        real = respond() if self.apply or (reading and self.kind in ("truncate", "garbage", "empty")) else None
        if self.kind in ("reset", "hang"):
            if self.kind == "hang":
                self.ended.wait(self.seconds)
            request.environ[BROKEN] = "reset"
            return Response(status=real.status if real else 500)
        if self.kind == "status":
            return self._refused(request, profile)
        response = real or answers.plain(201 if request.method == "POST" else 200, {"@id": "/", "@type": "Thing"})
        if self.kind == "truncate":
            request.environ[BROKEN] = "truncate"
            return response
        response.set_data(b"" if self.kind == "empty" else b"<!-- upstream -->\n{{ok")
        return response

    def _refused(self, request: Request, profile: Profile) -> Response:
        headers = self._retry_after()
        if self.status < 300:
            return answers.plain(self.status, None)
        if self.body == "html":
            title = answers.status_line(self.status)
            page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1>proxy</body></html>"
            return answers.html(self.status, page, headers)
        if self.body != "json":
            return answers.html(self.status, self.body, headers)
        detail = self.detail
        if detail is None:
            detail = "Internal Server Error" if self.status >= 500 else f"Injected {self.status}"
        problem = Problem(self.status, detail, headers)
        if self.status == 401:
            problem = Problem(401, detail, {**headers, "WWW-Authenticate": "Bearer"}, layer="token")
        wanted = request.accept_mimetypes.best_match([answers.LD, answers.JSON, answers.PROBLEM])
        return answers.refusal(request, profile, problem, as_ld=wanted in (None, answers.LD))

    def _retry_after(self) -> dict[str, str]:
        if self.retry_after is None:
            return {}
        if self.retry_after_date:
            moment = datetime.now(UTC) + timedelta(seconds=int(self.retry_after))
            return {"Retry-After": format_datetime(moment, usegmt=True)}
        return {"Retry-After": str(self.retry_after)}


@dataclass
class Edit(Rule):
    """Somebody else's edit, just before a request is served. Changes of None delete the record."""

    resource: str = "clients"
    key: str = ""
    changes: Mapping[str, Any] | None = None


class Faults:
    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._edits: list[Edit] = []
        self._lock = threading.Lock()
        self._ended = threading.Event()

    def add(self, fault: Fault) -> Fault:
        with self._lock:
            fault.ended = self._ended
            self._faults.append(fault)
        return fault

    def add_edit(self, edit: Edit) -> Edit:
        with self._lock:
            self._edits.append(edit)
        return edit

    def pending(self) -> list[Fault]:
        """Faults that have not yet struck as often as they should."""
        with self._lock:
            return [each for each in self._faults if each.times != 0]

    def clear(self) -> None:
        """No fault from now on, and whoever hangs goes on."""
        with self._lock:
            self._faults, self._edits = [], []
            self._ended.set()
            self._ended = threading.Event()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request: the first that was added and matches."""
        with self._lock:
            return next((each for each in self._faults if each.matches(method, path)), None)

    def edit_before(self, method: str, path: str, storage: Storage) -> None:
        with self._lock:
            due = [each for each in self._edits if each.matches(method, path)]
        for each in due:
            change_row(storage, each.resource, each.key, each.changes)


def change_row(storage: Storage, path: str, key: str, changes: Mapping[str, Any] | None) -> None:
    """Writes columns past all rules, or deletes; relations may be given as IRIs or keys. Raises KeyError."""
    resource = BY_PATH[path]
    known = parse_key(resource, str(key))
    if known is None or not storage.exists(resource, known):
        raise KeyError(f"/{path}/{key}")
    with storage.writing() as connection:
        if changes is None:
            storage.delete(connection, resource, known)
            return
        values = {name: _column_value(path, name, value) for name, value in changes.items()}
        storage.update(connection, resource, known, values)


def _column_value(path: str, name: str, value: Any) -> Any:
    field = BY_PATH[path].by_name[name]
    if field.kind != "iri" or value is None:
        return value
    return parse_key(BY_PATH[field.target], str(value).rpartition("/")[2])
