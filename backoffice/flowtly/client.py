"""The Flowtly client: everything the product asks of the API, as methods.

    client = Client(Settings(base_url="https://api.flowtly.example", token="…"))
    client.get("/clients/12")
    for record in client.walk("/counterparties", {"order[id]": "asc"}): ...
    client.patch("/clients/12", {"dueDays": 30})

Paths, IRIs and the server's links are all taken wherever a path is asked for. Every method takes a
`request_id` of its own (else a fresh one is made), which goes out as X-Request-Id and stands on the
result or the error. Errors are those of `errors`, nothing else; a ValueError is a mistake of the caller.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from types import TracebackType
from typing import Any, Literal, Self

from . import answers, errors, hydra, merging, paging
from .answers import Call, Glance, Written
from .config import Settings
from .connection import Clock, Connection, Observer, Sleep, new_request_id
from .hydra import Collection, Payload, SearchParameter
from .retry import Backoff
from .tokens import expires_at
from .transport import Answer
from .urls import Params, join, with_query

ENRICH = "enrich-branding-ai"

_JSON_LD = "application/ld+json"
_MERGE_PATCH = "application/merge-patch+json"
_OPENAPI = "application/vnd.openapi+json"

_MAX_REDIRECTS = 5
_REQUEST_ID = re.compile(r"[A-Za-z0-9._-]{1,128}")
_IDENTITY = frozenset({"@context", "@id", "@type", "id"})


class Client:
    """One account on one Flowtly; safe to share between threads, closed when no longer needed."""

    def __init__(
        self,
        settings: Settings,
        *,
        backoff: Backoff | None = None,
        clock: Clock = time.time,
        sleep: Sleep = time.sleep,
        observer: Observer | None = None,
    ) -> None:
        self.settings = settings
        self._connection = Connection(settings, backoff=backoff, clock=clock, sleep=sleep, observer=observer)
        self.base = self._connection.base

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._connection.close()

    # Reading

    def get(self, path: str, params: Params | None = None, *, request_id: str | None = None) -> Payload:
        """One JSON object, as the server gave it, unknown members included."""
        call, value = self._read(path, params, request_id)
        if isinstance(value, dict):
            return value
        raise errors.BadResponse("a record was expected, and the answer is none", **call.context())

    def read(
        self, path: str, params: Params | None = None, *, request_id: str | None = None
    ) -> Payload | Collection:
        """One object or one page, whichever the server has at this path (/employees/me, documents)."""
        call, value = self._read(path, params, request_id)
        if hydra.is_collection(value):
            return _collection(call, value)
        if isinstance(value, dict):
            return value
        raise errors.BadResponse("the answer is neither a record nor a list", **call.context())

    def page(
        self,
        path: str,
        params: Params | None = None,
        *,
        page: int = 1,
        page_size: int | None = None,
        request_id: str | None = None,
    ) -> Collection:
        """One page of a list, numbered from 1. The server may ignore the size that is asked for."""
        size = self.settings.page_size if page_size is None else page_size
        numbered = with_query(with_query(path, params), {"itemsPerPage": size, "page": page})
        return self.follow(numbered, request_id=request_id)

    def follow(self, link: str, *, request_id: str | None = None) -> Collection:
        """The page that a link of the server leads to; BadResponse where it leads to another host."""
        call, value = self._read(link, None, request_id)
        return _collection(call, value)

    def pages(
        self, path: str, params: Params | None = None, *, request_id: str | None = None
    ) -> Iterator[Collection]:
        """All pages in turn, by the server's links; ShiftedPages when the list moves meanwhile."""
        return paging.pages(self._listing(path, params, request_id))

    def walk(
        self,
        path: str,
        params: Params | None = None,
        *,
        workers: int | None = None,
        on_shift: paging.OnShift = "raise",
        request_id: str | None = None,
    ) -> Iterator[Payload]:
        """All records of a list in page order, as a generator that holds at most `workers` pages.

        `workers` is the number of pages read at the same time: by default half of the connections, so
        that a walk leaves room for people. A list that moves raises ShiftedPages after what was given so
        far, or is read again (see `paging.walk`). Close the generator when leaving it half-way.
        """
        many = workers or max(1, self.settings.max_connections // 2)
        return paging.walk(self._listing(path, params, request_id), workers=many, on_shift=on_shift)

    def capabilities(self, path: str, *, request_id: str | None = None) -> tuple[SearchParameter, ...]:
        """The filters and orders that a list declares; what is not here, the server would ignore."""
        return self.page(path, page_size=1, request_id=request_id).search

    def openapi(self, *, request_id: str | None = None) -> Payload | None:
        """The server's OpenAPI document, or None where it is switched off or not for us."""
        for path in ("/docs.jsonopenapi", "/docs.json"):
            try:
                _, value = self._read(path, None, request_id, accept=f"{_OPENAPI}, application/json")
            except (errors.NotFound, errors.RouteMissing, errors.Forbidden, errors.BadResponse):
                continue
            if isinstance(value, dict) and isinstance(value.get("paths"), dict):
                return value
        return None

    def check(self, path: str = "/clients", *, request_id: str | None = None) -> Collection:
        """Prove that Flowtly is there and lets us in, by one page of one record; raises what is wrong."""
        return self.page(path, page_size=1, request_id=request_id)

    def glance(
        self, path: str, *, method: Literal["GET", "OPTIONS"] = "GET", request_id: str | None = None
    ) -> Glance:
        """What an address answers, refusals included, to a method that changes nothing."""
        call = self._call(method, path, request_id, repeatable=True)
        return answers.glance(self._connection.request(call))

    def token_expiry(self) -> float | None:
        """When the token in use runs out (Unix time), where it says so; logs in where there is none yet."""
        return expires_at(self._connection.credential().token)

    # Writing

    def create(self, path: str, body: Mapping[str, Any], *, request_id: str | None = None) -> Written:
        """POST a new record. OutcomeUnknown where it may exist now: never repeat that blindly."""
        return self._write("POST", path, _without_identity(body), _JSON_LD, request_id)

    def patch(self, path: str, body: Mapping[str, Any], *, request_id: str | None = None) -> Written:
        """Change the members given (JSON Merge Patch: null clears, absent stays, lists are replaced)."""
        return self._write("PATCH", path, _without_identity(body), _MERGE_PATCH, request_id)

    def delete(self, path: str, *, request_id: str | None = None) -> None:
        self._write("DELETE", path, None, None, request_id)

    def call(self, path: str, body: Mapping[str, Any] | None = None, *, request_id: str | None = None) -> Written:
        """POST an action. 200, 201, 202 and 204 are all fine, with a body or without."""
        content_type = None if body is None else _JSON_LD
        return self._write("POST", path, body, content_type, request_id)

    def merge(self, survivor: str, source: str, *, request_id: str | None = None) -> Written:
        """Merge the counterparty `source` into `survivor`, both IRIs. Read back who is left after it."""
        path, body = merging.merge_call(self.settings, survivor=survivor, source=source)
        return self.call(path, body, request_id=request_id)

    def enrich(self, iri: str, *, request_id: str | None = None) -> Written:
        """Ask Flowtly to look up a counterparty's branding."""
        return self.call(join(iri, ENRICH), {}, request_id=request_id)

    def enrich_many(self, path: str, iris: Sequence[str], *, request_id: str | None = None) -> Written:
        """The same for several; `path` is their collection."""
        return self.call(join(path, ENRICH), {"counterparties": list(iris)}, request_id=request_id)

    # Machinery

    def _listing(self, path: str, params: Params | None, request_id: str | None) -> paging.Listing:
        one_id = _request_id(request_id)
        return paging.Listing(
            number=lambda page: self.page(path, params, page=page, request_id=one_id),
            follow=lambda link: self.follow(link, request_id=one_id),
        )

    def _read(
        self, path: str, params: Params | None, request_id: str | None, *, accept: str = _JSON_LD
    ) -> tuple[Call, Any]:
        call = self._call("GET", with_query(path, params), request_id, accept=accept, repeatable=True)
        return call, answers.read_value(call, self._through_redirects(call))

    def _through_redirects(self, call: Call) -> Answer:
        """The answer to a GET, wherever on this host it moved to."""
        for _ in range(_MAX_REDIRECTS):
            answer = self._connection.request(call)
            location = answer.headers.get("Location")
            if answer.status not in answers.MOVED or location is None:
                return answer
            target = self._resolve(location, call)
            if target == call.path:
                return answer
            call = replace(call, path=target)
        return answer

    def _write(
        self,
        method: str,
        path: str,
        body: Mapping[str, Any] | None,
        content_type: str | None,
        request_id: str | None,
    ) -> Written:
        call = self._call(method, path, request_id, body=body, content_type=content_type)
        return answers.written(call, self._connection.request(call))

    def _call(self, method: str, path: str, request_id: str | None, **more: Any) -> Call:
        call = Call(method=method, path=path, request_id=_request_id(request_id), **more)
        return replace(call, path=self._resolve(path, call))

    def _resolve(self, reference: str, call: Call) -> str:
        try:
            return self.base.resolve(reference)
        except errors.BadResponse as error:
            raise error.located(**call.context()) from None


def _collection(call: Call, value: Any) -> Collection:
    try:
        return hydra.decode_collection(value)
    except errors.BadResponse as error:
        raise error.located(**call.context()) from None


def _request_id(given: str | None) -> str:
    if given is None:
        return new_request_id()
    if not _REQUEST_ID.fullmatch(given):
        raise ValueError("a request id is 1 to 128 letters, digits, dots, dashes or underscores")
    return given


def _without_identity(body: Mapping[str, Any]) -> Mapping[str, Any]:
    """Refuse what no write may carry: the server answers it with 400, or takes it as another record."""
    if odd := _IDENTITY & body.keys():
        raise ValueError(f"a body may not carry {', '.join(sorted(odd))}")
    return body
