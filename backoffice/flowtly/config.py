"""What a client is told: where Flowtly is, who we are, and each guess about what is not public."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from .retry import Policy
from .urls import BaseURL

MERGE_BODY = '{"counterparties": ["{source}"]}'

_HEADER_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?")
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


@dataclass(frozen=True)
class Settings:
    """The settings of a Client. ValueError, naming the setting, where one cannot be used.

    Either `token`, or `username` and `password`. Times are in seconds. `merge_body` is a JSON template
    with the placeholders {survivor}, {source} and {sources}; `merge_path_id` says whose key stands in the
    path of a merge ("survivor" or "source").
    """

    base_url: str
    token: str | None = field(default=None, repr=False)
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    instance: str | None = None
    connect_timeout: float = 5.0
    read_timeout: float = 30.0
    max_connections: int = 8
    page_size: int = 100
    search_param: str = "search"
    merge_body: str = MERGE_BODY
    merge_path_id: str = "survivor"
    user_agent: str = "flowtly-backoffice"
    max_body: int = 64 * 1024 * 1024
    retry: Policy = field(default_factory=Policy)

    def __post_init__(self) -> None:
        BaseURL(self.base_url)
        self._check_credentials()
        for name in ("connect_timeout", "read_timeout", "max_connections", "page_size", "max_body"):
            if not getattr(self, name) > 0:
                raise ValueError(f"{name} must be more than 0")
        if self.merge_path_id not in {"survivor", "source"}:
            raise ValueError("merge_path_id must be survivor or source")
        merge_template(self.merge_body)

    def _check_credentials(self) -> None:
        if not self.token and not (self.username and self.password):
            raise ValueError("a token is needed, or a username with a password")
        for name in ("token", "instance", "user_agent"):
            value = getattr(self, name)
            if value and not is_header_value(value):
                raise ValueError(f"{name} must be printable ASCII without spaces around it")


def is_header_value(text: str) -> bool:
    """Whether a text can stand in a header as it is; a line end in it would start another header."""
    return _HEADER_VALUE.fullmatch(text) is not None


def merge_template(text: str) -> dict[str, Any]:
    """The merge template as JSON; ValueError where it is no object or has unknown placeholders."""
    try:
        template = json.loads(text)
    except ValueError:
        raise ValueError("merge_body must be JSON") from None
    if not isinstance(template, dict):
        raise ValueError("merge_body must be a JSON object")
    odd = set(_PLACEHOLDER.findall(text)) - {"survivor", "source", "sources"}
    if odd:
        raise ValueError(f"merge_body has unknown placeholders: {', '.join(sorted(odd))}")
    return template
