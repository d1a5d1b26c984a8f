"""The control interface under /_control/: what a test or a person in another process turns the sandbox with.

GET    /_control/                     what there is: profile, counts, faults
GET    /_control/log                  requests served; DELETE forgets them
GET    /_control/faults               faults still to strike; POST adds one (members of `Fault`), DELETE drops all
POST   /_control/edits                somebody else's edit before a request (members of `Edit`)
GET    /_control/rows/<path>/<key>    a stored row; PATCH changes it past all rules, DELETE removes it
PATCH  /_control/profile              switches by name
POST   /_control/reset                the data of the first day
POST   /_control/tokens/expire        all tokens given by logins run out
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from werkzeug.wrappers import Request, Response

from . import answers
from .faults import Edit, Fault, change_row
from .profiles import resolve
from .schema import BY_PATH, RESOURCES
from .storage import Query, parse_key

if TYPE_CHECKING:
    from .app import Sandbox


class Control:
    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox
        self._table: dict[tuple[str, str], Callable[[Any], Any]] = {
            ("GET", ""): lambda _: self._overview(),
            ("GET", "log"): lambda _: sandbox.log.entries(),
            ("DELETE", "log"): lambda _: sandbox.log.clear(),
            ("GET", "faults"): lambda _: [_shown(each) for each in sandbox.faults.pending()],
            ("POST", "faults"): lambda body: _shown(sandbox.faults.add(Fault(**body))),
            ("DELETE", "faults"): lambda _: sandbox.faults.clear(),
            ("POST", "edits"): lambda body: _shown(sandbox.faults.add_edit(Edit(**body))),
            ("GET", "profile"): lambda _: self._profile(),
            ("PATCH", "profile"): self._set_profile,
            ("POST", "reset"): lambda _: sandbox.storage.reset(),
            ("POST", "tokens/expire"): lambda _: sandbox.tokens.expire(),
        }

    def respond(self, request: Request) -> Response:
        """200 with what was asked for, 400 for what makes no sense, 404 for what is not there."""
        path = request.path.removeprefix("/_control/").rstrip("/")
        try:
            body = json.loads(request.get_data() or b"{}")
            if path.startswith("rows/"):
                return answers.plain(200, self._row(request.method, path.split("/")[1:], body))
            return answers.plain(200, self._table[request.method, path](body))
        except KeyError as error:
            return answers.plain(404, {"error": f"not found: {error}"})
        except (TypeError, ValueError, RecursionError) as error:
            return answers.plain(400, {"error": str(error)})

    def _overview(self) -> dict[str, Any]:
        counts = {each.path: self._sandbox.storage.count(each, Query()) for each in RESOURCES}
        return {"profile": self._profile(), "counts": counts, "faults": len(self._sandbox.faults.pending())}

    def _profile(self) -> dict[str, Any]:
        found = dataclasses.asdict(self._sandbox.profile)
        return {name: sorted(value) if isinstance(value, frozenset) else value for name, value in found.items()}

    def _set_profile(self, body: dict[str, Any]) -> dict[str, Any]:
        self._sandbox.profile = resolve(self._sandbox.profile, **body)
        return self._profile()

    def _row(self, method: str, path: list[str], body: dict[str, Any]) -> Any:
        resource, (name, key) = BY_PATH[path[0]], path
        if method in ("PATCH", "DELETE"):
            change_row(self._sandbox.storage, name, key, body if method == "PATCH" else None)
        known = parse_key(resource, key)
        row = None if known is None else self._sandbox.storage.get(resource, known)
        if method == "GET" and row is None:
            raise KeyError(f"/{name}/{key}")
        return row


def _shown(rule: Fault | Edit) -> dict[str, Any]:
    return {each.name: getattr(rule, each.name) for each in dataclasses.fields(rule) if each.name != "ended"}
