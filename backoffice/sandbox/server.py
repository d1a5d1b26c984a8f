"""The sandbox as a server of its own: start it, look into it, break it, stop it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .app import Sandbox
from .data.generate import demo_data
from .faults import Edit, Fault, Kind, change_row
from .profiles import Profile, resolve
from .requestlog import Entry
from .schema import BY_PATH
from .storage import Row, Seed, Storage, parse_key
from .transport import Server


class SandboxServer:
    """A local Flowtly on 127.0.0.1.

    `profile` is "flowtly", "v4", "legacy" or a `Profile`; any switch of `Profile` may be given as a keyword
    (`items_per_page=False`, `filters=()`, `token="..."`, ...). `port` 0 is any free port. `data` is a SQLite
    file that is filled when new and kept; without it the data lives as long as the server. `clients`,
    `counterparties` and `seed` say what a new database holds. `page_size_max` 0 means no limit.

    As a context manager it is started and stopped. `url` is the base URL, prefix included.
    """

    def __init__(
        self,
        profile: str | Profile = "flowtly",
        *,
        port: int = 0,
        data: Path | None = None,
        clients: int = 400,
        counterparties: int = 900,
        seed: int = 1,
        fill: Seed | None = None,
        page_size_max: int | None = None,
        search_param: str | None = None,
        **overrides: Any,
    ) -> None:
        if page_size_max is not None:
            overrides["page_size_max"] = page_size_max or None
        if search_param is not None:
            overrides["search_param"] = search_param
        settled = resolve(profile, **overrides)
        fill = fill or demo_data(
            clients=clients, counterparties=counterparties, seed=seed, codes_as_ids=settled.codes_as_ids
        )
        self._storage = Storage(data, fill)
        self._sandbox = Sandbox(self._storage, settled)
        try:
            self._server = Server(port, self._sandbox)
        except OSError:
            self._storage.close()
            raise
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)

    # life

    def start(self) -> Self:
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ends every connection, then the server. A server that was never started is only cleared away."""
        self._sandbox.faults.clear()
        if self._thread.is_alive():
            self._server.close()
            self._thread.join()
        else:
            self._server.server_close()
        self._storage.close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def origin(self) -> str:
        return f"http://127.0.0.1:{self._server.port}"

    @property
    def url(self) -> str:
        return f"{self.origin}{self.profile.prefix}"

    @property
    def control_url(self) -> str:
        return f"{self.origin}/_control"

    # the profile and the tokens

    @property
    def profile(self) -> Profile:
        return self._sandbox.profile

    def set_profile(self, **overrides: Any) -> None:
        """Turns switches while it runs; from the next request on."""
        self._sandbox.profile = resolve(self.profile, **overrides)

    def issue_token(self, lifetime: float = 3600.0, token: str | None = None) -> str:
        """A token as a login would give it; a lifetime below zero is one that has run out."""
        return self._sandbox.tokens.issue(lifetime, token)

    def expire_tokens(self) -> None:
        """All tokens that logins gave have run out (the static one of the profile never does)."""
        self._sandbox.tokens.expire()

    def finish_deferred(self) -> None:
        """Carries out now what a 202 put off."""
        self._sandbox.later.run(at_once=True)

    # what was asked

    @property
    def requests(self) -> list[Entry]:
        """Requests so far, oldest first: method, path, query, headers (lower case), body, status."""
        return self._sandbox.log.entries()

    @property
    def most_in_flight(self) -> int:
        """The largest number of requests that were being served at the same time."""
        return self._sandbox.log.most_in_flight

    def clear_log(self) -> None:
        self._sandbox.log.clear()

    # what goes wrong

    def fault(self, kind: Kind = "status", **options: Any) -> Fault:
        """Something that goes wrong with requests to come; options are the members of `faults.Fault`."""
        return self._sandbox.faults.add(Fault(kind=kind, **options))

    def edit_before(
        self, resource: str, key: str | int, changes: Mapping[str, Any] | None, **options: Any
    ) -> Edit:
        """Somebody else's edit (None: deletion) just before a matching request.

        Options: method, path, times, skip, as for a fault.
        """
        edit = Edit(resource=resource, key=str(key), changes=changes, **options)
        return self._sandbox.faults.add_edit(edit)

    def clear_faults(self) -> None:
        self._sandbox.faults.clear()

    # the data, past all rules

    def row(self, resource: str, key: str | int) -> Row | None:
        """The stored fields of a record and its `id`; relations are keys. None where there is none."""
        known = parse_key(BY_PATH[resource], str(key))
        return None if known is None else self._storage.get(BY_PATH[resource], known)

    def patch_row(self, resource: str, key: str | int, changes: Mapping[str, Any]) -> None:
        """Somebody else's edit, now. Raises KeyError where there is no such record."""
        change_row(self._storage, resource, str(key), changes)

    def delete_row(self, resource: str, key: str | int) -> None:
        change_row(self._storage, resource, str(key), None)

    def add_row(self, resource: str, values: Mapping[str, Any]) -> str:
        """A new record, past all rules; returns its key."""
        with self._storage.writing() as connection:
            return str(self._storage.insert(connection, BY_PATH[resource], values))

    def reset(self) -> None:
        """The data of the first day."""
        self._storage.reset()
