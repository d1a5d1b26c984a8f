"""Who may: bearer tokens and the login that gives them, with the bodies of LexikJWTAuthenticationBundle."""

from __future__ import annotations

import json
import secrets
import threading
import time
from typing import Any

from werkzeug.wrappers import Request

from .problems import Problem
from .profiles import Profile


def refused(message: str) -> Problem:
    return Problem(401, message, {"WWW-Authenticate": "Bearer"}, layer="token")


class Tokens:
    """The tokens that logins gave, and when they run out. They do not outlive the process."""

    def __init__(self) -> None:
        self._until: dict[str, float] = {}
        self._lock = threading.Lock()

    def issue(self, lifetime: float, token: str | None = None) -> str:
        token = token or secrets.token_urlsafe(24)
        with self._lock:
            self._until[token] = time.monotonic() + lifetime
        return token

    def expire(self) -> None:
        """Every token that was given so far has run out."""
        with self._lock:
            self._until = dict.fromkeys(self._until, 0.0)

    def check(self, profile: Profile, header: str | None) -> None:
        """Raises a 401 unless the Authorization header carries a good token."""
        scheme, _, token = (header or "").partition(" ")
        if scheme.lower() != "bearer" or not token or " " in token:
            raise refused("JWT Token not found")
        if profile.token and secrets.compare_digest(token.encode(), profile.token.encode()):
            return
        with self._lock:
            until = self._until.get(token)
        if until is None:
            raise refused("Invalid JWT Token")
        if until <= time.monotonic():
            raise refused("Expired JWT Token")

    def login(self, profile: Profile, request: Request) -> dict[str, str]:
        """The answer to POST /login; raises what json_login raises."""
        if "json" not in (request.content_type or ""):
            raise Problem(404, "Not Found")
        body = _object(request.get_data())
        for name in ("username", "password"):
            if name not in body:
                raise Problem(400, f'The key "{name}" must be provided.')
            if not isinstance(body[name], str) or not body[name]:
                raise Problem(400, f'The key "{name}" must be a non-empty string.')
        if (body["username"], body["password"]) != (profile.username, profile.password):
            raise refused("Invalid credentials.")
        return {"token": self.issue(profile.token_lifetime)}


def _object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise Problem(400, "Invalid JSON.")
    return found
