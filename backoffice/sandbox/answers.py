"""From what an operation answered, or refused, to an HTTP response with the headers of the version played."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from werkzeug.wrappers import Request, Response

from .calls import Reply
from .problems import Problem, tell
from .profiles import Profile
from .schema import Resource

LD, JSON, PROBLEM, OPENAPI = (
    "application/ld+json",
    "application/json",
    "application/problem+json",
    "application/vnd.openapi+json",
)
FORMATS = {"jsonld": LD, "json": JSON}
MERGE_PATCH = "application/merge-patch+json"
_READ_VARIES = ("Accept", "Content-Type", "Authorization", "Origin")
_PHRASES = {each.value: each.phrase for each in HTTPStatus} | {422: "Unprocessable Content"}
_compact: Callable[[Any], str] = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


def status_line(status: int) -> str:
    """The number and its phrase; numbers that some proxy made up have none."""
    return f"{status} {_PHRASES.get(status, 'Unknown')}"


def encode(payload: Any) -> bytes:
    return b"" if payload is None else _compact(payload).encode()


def _response(status: int, body: bytes, headers: list[tuple[str, str]]) -> Response:
    response = Response(body, status=status_line(status))
    response.headers.clear()
    for name, value in headers:
        response.headers.add(name, value)
    if status != 204:
        response.headers["Content-Length"] = str(len(body))
    return response


def _docs_link(request: Request, profile: Profile) -> str:
    docs = f"{request.host_url.rstrip('/')}{profile.prefix}/docs.jsonld"
    return f'<{docs}>; rel="http://www.w3.org/ns/hydra/core#apiDocumentation"'


def answered(
    request: Request, profile: Profile, resource: Resource | None, reply: Reply, *, as_ld: bool, collection: bool
) -> Response:
    body = encode(reply.payload)
    reading = request.method in ("GET", "HEAD")
    headers: list[tuple[str, str]] = []
    if reply.status != 204:
        content_type = reply.content_type or (LD if as_ld else JSON)
        headers.append(("Content-Type", f"{content_type}; charset=utf-8"))
    headers += [("Vary", each) for each in (_READ_VARIES if reading else ("Accept",))]
    headers += [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "deny")]
    if resource and resource.patchable and not (reading and collection):
        headers.append(("Accept-Patch", MERGE_PATCH))
    if location := _content_location(request, profile, reply, as_ld=as_ld):
        headers.append(("Content-Location", location))
    if reply.status == 201 and reply.about:
        headers.append(("Location", reply.about))
    headers += [("Cache-Control", "no-cache, private"), ("Link", _docs_link(request, profile))]
    if reading and reply.status == 200:
        headers.append(("ETag", f'"{_etag(body, profile)}"'))
    headers += list(reply.headers.items())
    return _response(reply.status, body, headers)


def _content_location(request: Request, profile: Profile, reply: Reply, *, as_ld: bool) -> str:
    if profile.content_location == "plain":
        return reply.about
    suffix = ".jsonld" if as_ld else ".json"
    query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
    if request.method == "HEAD":
        return f"{reply.about or request.path}{suffix}{query}"
    return f"{reply.about}{suffix}{query}" if reply.about and request.method != "GET" else ""


def _etag(body: bytes, profile: Profile) -> str:
    """As long as the real one: md5 up to 3.4, xxh3 later."""
    return hashlib.blake2b(body, digest_size=8 if profile.modern else 16).hexdigest()


def refusal(request: Request, profile: Profile, problem: Problem, *, as_ld: bool) -> Response:
    told = tell(problem, profile, as_ld=as_ld)
    headers = [("Content-Type", told.content_type), ("Cache-Control", "no-cache, private")]
    if problem.layer != "token":
        headers.append(("Vary", "Accept"))
    if problem.layer == "api":
        headers += [("X-Content-Type-Options", "nosniff"), ("X-Frame-Options", "deny")]
        if told.location and profile.content_location == "plain":
            headers.append(("Content-Location", told.location))
        links = ['<http://www.w3.org/ns/hydra/error>; rel="http://www.w3.org/ns/json-ld#error"'] * told.hydra_link
        headers.append(("Link", ",".join([*links, _docs_link(request, profile)])))
    headers += list(problem.headers.items())
    return _response(problem.status, encode(told.payload), headers)


def plain(status: int, payload: Any) -> Response:
    """JSON outside the API's own formats: the login and the control interface."""
    return _response(status, encode(payload), [("Content-Type", JSON), ("Cache-Control", "no-cache, private")])


def html(status: int, body: str, headers: dict[str, str]) -> Response:
    return _response(status, body.encode(), [("Content-Type", "text/html; charset=utf-8"), *headers.items()])
