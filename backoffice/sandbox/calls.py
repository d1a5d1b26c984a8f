"""One request on its way through the sandbox, and the answer it gets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

from . import iris
from .filters import Parameters
from .profiles import Profile
from .schema import Resource
from .storage import Key, Row, Storage
from .wire import Writer


@dataclass(frozen=True)
class Reply:
    """What an operation answers. `about` is the path of the record the body shows, for Location and its kin."""

    status: int
    payload: Any = None
    about: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = ""


@dataclass
class Call:
    """A request that passed the router and the token check."""

    request: Request
    profile: Profile
    storage: Storage
    resource: Resource
    key: str | None
    as_ld: bool

    @cached_property
    def parameters(self) -> Parameters:
        return parse_qsl(self.request.query_string.decode("latin-1"), keep_blank_values=True)

    @property
    def path(self) -> str:
        """The path asked for, prefix included, without a format suffix."""
        head, _, last = self.request.path.rpartition("/")
        return f"{head}/{last.partition('.')[0]}"

    @property
    def writer(self) -> Writer:
        return Writer(self.storage, self.profile, self.as_ld)

    def iri(self, resource: Resource, key: Key) -> str:
        return iris.iri(self.profile, resource, key)

    def item(self, status: int, resource: Resource, row: Row) -> Reply:
        return Reply(status, self.writer.item(resource, row), self.iri(resource, row["id"]))
