"""How a call proves who we are: a fixed token, or a login that is repeated once when it lapses."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from .errors import FlowtlyError, Unauthorized


@dataclass(frozen=True)
class Credential:
    """A bearer token and the login that gave it (`generation` counts logins)."""

    token: str = field(repr=False)
    generation: int = 0


class Auth(Protocol):
    """What the client asks of its credentials; called from many threads."""

    def credential(self) -> Credential:
        """The token to send now; logs in where there is none yet."""

    def renew(self, refused: Credential) -> Credential | None:
        """A newer token than the refused one, or None where there can be none."""


class TokenAuth:
    """A token that was given to us; when it is refused, only a person can help."""

    def __init__(self, token: str) -> None:
        self._credential = Credential(token)

    def credential(self) -> Credential:
        return self._credential

    def renew(self, refused: Credential) -> Credential | None:
        return None


class LoginAuth:
    """A token from `login()`, fetched when first needed and again when the server refuses it.

    Many threads meet the same 401 at once. The first to take the lock logs in; the others find a newer
    generation than the one that was refused them, and use it. Where that login failed, they share its
    error, and a refused password is not tried again for `cooldown` seconds: servers lock accounts that
    knock too often.
    """

    def __init__(self, login: Callable[[], str], *, clock: Callable[[], float], cooldown: float = 30.0) -> None:
        self._login = login
        self._clock = clock
        self._cooldown = cooldown
        self._lock = threading.Lock()
        self._current: Credential | None = None
        self._logins = 0
        self._failure: FlowtlyError | None = None
        self._failed_at = 0.0

    def credential(self) -> Credential:
        return self._current or self._log_in(newer_than=0, seen=self._logins)

    def renew(self, refused: Credential) -> Credential | None:
        return self._log_in(newer_than=refused.generation, seen=self._logins)

    def _log_in(self, *, newer_than: int, seen: int) -> Credential:
        with self._lock:
            if self._current is not None and self._current.generation > newer_than:
                return self._current
            if self._failure is not None and (self._logins > seen or self._is_cooling()):
                raise _again(self._failure)
            self._logins += 1
            try:
                token = self._login()
            except FlowtlyError as error:
                self._failure, self._failed_at = error, self._clock()
                raise
            self._failure = None
            self._current = Credential(token, self._logins)
            return self._current

    def _is_cooling(self) -> bool:
        return isinstance(self._failure, Unauthorized) and self._clock() < self._failed_at + self._cooldown


def _again(failure: FlowtlyError) -> FlowtlyError:
    """The same failure as an object of its own: one traceback must not grow across threads."""
    twin = type(failure).__new__(type(failure))
    vars(twin).update(vars(failure))
    return twin
