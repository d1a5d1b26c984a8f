"""The sandbox as a WSGI application: the order in which a request is checked, and who answers it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from html import escape
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from werkzeug.wrappers import Request, Response

from . import answers, documentation, operations, special
from .access import Tokens
from .calls import Call, Reply
from .control import Control
from .faults import BROKEN, Faults
from .problems import Problem
from .profiles import Profile
from .requestlog import RequestLog
from .routes import Match, match
from .schema import RESOURCES
from .storage import Storage

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

_OPERATIONS: dict[str, Callable[[Call], Reply]] = {
    "list": operations.list_records,
    "read": operations.read,
    "create": operations.create,
    "patch": operations.patch,
    "delete": operations.delete,
    "search": operations.search_clients,
    "documents": operations.documents,
    "me": operations.me,
    "entrypoint": documentation.entrypoint,
    "context": documentation.context,
    "docs": documentation.docs,
}
_DEFERRABLE: dict[str, Callable[[Call, special.Later], Reply]] = {
    "merge": special.merge,
    "enrich": special.enrich,
    "enrich_many": special.enrich_many,
}
_OF_COLLECTIONS = ("list", "search", "documents", "me")


class Sandbox:
    def __init__(self, storage: Storage, profile: Profile) -> None:
        self.storage = storage
        self.profile = profile
        self.tokens = Tokens()
        self.faults = Faults()
        self.log = RequestLog()
        self.later = special.Later()
        self.control = Control(self)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        request = Request(environ)
        request.get_data()  # a body that stayed in the socket would be read as the next request
        if request.path.startswith("/_control/"):
            response = self.control.respond(request)
        else:
            response = self._served(request)
        return response(environ, start_response)

    def _served(self, request: Request) -> Response:
        """An API request: logged, delayed and spoilt as asked for."""
        profile = self.profile
        with self.log.entry(request) as entry:
            if profile.latency_ms:
                time.sleep(profile.latency_ms / 1000)
            path = request.path.removeprefix(profile.prefix)
            self.faults.edit_before(request.method, path, self.storage)
            fault = self.faults.take(request.method, path)
            if fault is None:
                response = self.respond(request, profile)
            else:
                response = fault.spoil(request, profile, lambda: self.respond(request, profile))
            entry["status"] = None if request.environ.get(BROKEN) == "reset" else response.status_code
        return response

    def respond(self, request: Request, profile: Profile) -> Response:
        """What an unspoilt server answers, in the order of checks of the real one."""
        self.later.run()
        found = match(profile, request.path)
        try:
            if found is None:
                return self._unrouted(request, profile)
            return self._routed(request, profile, found)
        except Problem as problem:
            as_ld = _errors_as_ld(request, found)
            return answers.refusal(request, profile, problem, as_ld=as_ld)

    def _routed(self, request: Request, profile: Profile, found: Match) -> Response:
        route = found.route
        operation = route.operation(request.method)
        if operation is None:
            raise _no_route(request, allow=", ".join(route.methods))
        if operation == "login":
            return answers.plain(200, self.tokens.login(profile, request))
        self.tokens.check(profile, request.headers.get("Authorization"))
        if profile.instance is not None and request.headers.get("instance") != profile.instance:
            raise Problem(403, "Access Denied.")
        as_ld = _negotiate(request, found)
        resource = route.resource or RESOURCES[0]  # what the API says about itself concerns no resource
        call = Call(request, profile, self.storage, resource, found.key, as_ld)
        reply = self._operate(call, operation)
        return answers.answered(
            request, profile, route.resource, reply, as_ld=as_ld, collection=operation in _OF_COLLECTIONS
        )

    def _operate(self, call: Call, operation: str) -> Reply:
        if call.request.content_type and operation in ("create", "patch", *_DEFERRABLE):
            _check_content_type(call.request)
        if operation in _DEFERRABLE:
            return _DEFERRABLE[operation](call, self.later)
        return _OPERATIONS[operation](call)

    def _unrouted(self, request: Request, profile: Profile) -> Response:
        """Symfony's router: a slash too many is redirected away, anything else is unknown."""
        bare = request.path.rstrip("/")
        found = match(profile, bare) if bare != request.path and bare else None
        if found is None or request.method not in ("GET", "HEAD") or "GET" not in found.route.methods:
            raise _no_route(request)
        query = f"?{request.query_string.decode('latin-1')}" if request.query_string else ""
        location = f"{request.host_url.rstrip('/')}{quote(bare)}{query}"
        body = f'<!DOCTYPE html>\n<html><body>Redirecting to <a href="{escape(location)}">here</a>.</body></html>'
        return answers.html(301, body, {"Location": location})


def _no_route(request: Request, *, allow: str = "") -> Problem:
    detail = f'No route found for "{request.method} {request.base_url}"'
    if not allow:
        return Problem(404, detail, layer="router")
    detail = f"{detail}: Method Not Allowed (Allow: {allow})"
    return Problem(405, detail, {"Allow": allow}, layer="router")


def _negotiate(request: Request, found: Match) -> bool:
    """Whether JSON-LD is wanted rather than plain JSON; raises 404 for an unknown suffix, 406 for a bad Accept."""
    if found.route.path == "/docs":
        return False
    if found.extension:
        if found.extension not in answers.FORMATS:
            raise Problem(404, f'Format "{found.extension}" is not supported')
        return found.extension == "jsonld"
    accept = request.headers.get("Accept")
    if not accept:
        return True
    best = request.accept_mimetypes.best_match([answers.LD, answers.JSON])
    if best is None:
        supported = f'"{answers.LD}", "{answers.JSON}"'
        raise Problem(406, f'Requested format "{accept}" is not supported. Supported MIME types are {supported}.')
    return bool(best == answers.LD)


def _errors_as_ld(request: Request, found: Match | None) -> bool:
    if found and found.extension in answers.FORMATS:
        return found.extension == "jsonld"
    wanted = request.accept_mimetypes.best_match([answers.LD, answers.JSON, answers.PROBLEM])
    return wanted in (None, answers.LD)


def _check_content_type(request: Request) -> None:
    supported: tuple[Any, ...] = (answers.LD, answers.JSON)
    if request.method == "PATCH":
        supported = (answers.MERGE_PATCH,)
    if request.mimetype not in supported:
        named = ", ".join(f'"{each}"' for each in supported)
        raise Problem(
            415,
            f'The content-type "{request.mimetype}" is not supported. Supported MIME types are {named}.',
        )
