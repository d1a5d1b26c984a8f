"""One call, until it is answered: silence after a 429, credentials, attempts, and their record."""

from __future__ import annotations

import json
import logging
import random
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from . import answers, retry
from .answers import Call
from .auth import Auth, Credential, LoginAuth, TokenAuth
from .config import Settings, is_header_value
from .errors import BadResponse, RateLimited
from .retry import Backoff, GiveUp, LocalBackoff, Met, Unknown, Wait
from .transport import Answer, Failure, Transport
from .urls import BaseURL, public_path

log = logging.getLogger("backoffice.flowtly")

Clock = Callable[[], float]
Sleep = Callable[[float], None]


@dataclass(frozen=True)
class Exchange:
    """One HTTP attempt, for logs, counters and the audit.

    `path` names query parameters without their values; `status` is None where no answer came, and
    `problem` then says why; `attempt` counts from 1 within one call.
    """

    method: str
    path: str
    status: int | None
    seconds: float
    request_id: str
    attempt: int
    problem: str | None = None


Observer = Callable[[Exchange], None]


class Connection:
    """Sends calls to one Flowtly as one account; safe to share between threads."""

    def __init__(
        self,
        settings: Settings,
        *,
        backoff: Backoff | None = None,
        clock: Clock = time.time,
        sleep: Sleep = time.sleep,
        observer: Observer | None = None,
    ) -> None:
        self.base = BaseURL(settings.base_url)
        self._settings = settings
        self._policy = settings.retry
        self._backoff = backoff or LocalBackoff()
        self._clock = clock
        self._sleep = sleep
        self._observer = observer
        self._transport = Transport(
            max_connections=settings.max_connections,
            connect_timeout=settings.connect_timeout,
            read_timeout=settings.read_timeout,
            max_body=settings.max_body,
            use_environment=not self.base.is_local,
        )
        self._auth: Auth = TokenAuth(settings.token) if settings.token else LoginAuth(self._log_in, clock=clock)

    def close(self) -> None:
        self._transport.close()

    def credential(self) -> Credential:
        """What the next call would prove itself with; logs in where there is none yet."""
        return self._auth.credential()

    def request(self, call: Call) -> Answer:
        """The first answer that stands: 2xx to 4xx except 429. Raises what retrying could not mend."""
        return self._until_answered(call, self._auth)

    def _until_answered(self, call: Call, auth: Auth | None) -> Answer:
        failures: Counter[Met] = Counter()
        waited, attempt, renewed = 0.0, 0, False
        while True:
            waited += self._keep_silence(call, waited)
            credential = auth.credential() if auth else None
            attempt += 1
            result = self._attempt(call, credential, attempt)
            if not renewed and auth and credential and _is_unauthorized(result) and auth.renew(credential):
                renewed = True
                continue
            if (met := answers.outcome(result, self._clock())) is None:
                assert isinstance(result, Answer)
                return result
            failures[met.met] += 1
            self._wait_or_raise(call, result, met, failures[met.met], waited)

    def _wait_or_raise(
        self, call: Call, result: Answer | Failure, met: retry.Outcome, count: int, waited: float
    ) -> None:
        policy = retry.in_force(self._policy)
        if met.met is Met.THROTTLED:
            pause = retry.throttle_pause(met, count, policy)
            self._backoff.announce(self._clock() + pause)
        jitter = random.random()  # noqa: S311 - spreads retries, guards nothing
        match retry.decide(call.repeatable, met, count, policy, waited=waited, jitter=jitter):
            case Wait(seconds):
                # After a 429 the wait is everybody's, and is kept before the next attempt.
                if met.met is not Met.THROTTLED:
                    self._sleep(seconds)
            case GiveUp():
                raise answers.exhausted(call, result, met)
            case Unknown():
                raise answers.lost(call, result)

    def _keep_silence(self, call: Call, waited: float) -> float:
        """Sleep while a 429 keeps everybody silent; the seconds slept. RateLimited beyond the budget."""
        slept = 0.0
        while (pause := (self._backoff.wait_until() or 0.0) - self._clock()) > 0:
            if waited + slept + pause > retry.in_force(self._policy).throttle_budget:
                raise RateLimited("Flowtly asks everybody to wait", retry_after=pause, **call.context())
            self._sleep(pause)
            slept += pause
        return slept

    def _attempt(self, call: Call, credential: Credential | None, attempt: int) -> Answer | Failure:
        body = None if call.body is None else json.dumps(call.body, allow_nan=False).encode()
        begun = time.perf_counter()
        result = self._transport.send(
            call.method, self.base.absolute(call.path), self._headers(call, credential), body
        )
        self._report(
            Exchange(
                method=call.method,
                path=public_path(call.path),
                status=result.status if isinstance(result, Answer) else None,
                seconds=time.perf_counter() - begun,
                request_id=call.request_id,
                attempt=attempt,
                problem=result.cut if isinstance(result, Answer) else result.reason,
            )
        )
        return result

    def _headers(self, call: Call, credential: Credential | None) -> dict[str, str]:
        headers = {
            "Accept": call.accept,
            "User-Agent": self._settings.user_agent,
            "X-Request-Id": call.request_id,
        }
        if call.content_type:
            headers["Content-Type"] = call.content_type
        if self._settings.instance:
            headers["instance"] = self._settings.instance
        if credential:
            headers["Authorization"] = f"Bearer {credential.token}"
        return headers

    def _report(self, exchange: Exchange) -> None:
        failed = exchange.status is None or exchange.status >= HTTPStatus.INTERNAL_SERVER_ERROR
        log.log(
            logging.WARNING if failed or exchange.problem else logging.INFO,
            "%s %s %s %.0f ms %s%s",
            exchange.method,
            exchange.path,
            exchange.status or "-",
            exchange.seconds * 1000,
            exchange.request_id,
            f" ({exchange.problem})" if exchange.problem else "",
        )
        if self._observer is None:
            return
        try:
            self._observer(exchange)
        except Exception:
            # An onlooker's mistake must not cost us the answer to a write.
            log.exception("an observer of Flowtly calls failed")

    def _log_in(self) -> str:
        """A token for the username and password; every error is one of the tree."""
        call = Call(
            method="POST",
            path=self.base.resolve("/login"),
            request_id=new_request_id(),
            accept="application/json",
            content_type="application/json",
            body={"username": self._settings.username, "password": self._settings.password},
            repeatable=True,
        )
        payload = answers.read_value(call, self._until_answered(call, None))
        return _token(payload, call)


def new_request_id() -> str:
    return uuid.uuid4().hex


def _is_unauthorized(result: Answer | Failure) -> bool:
    return isinstance(result, Answer) and result.status == HTTPStatus.UNAUTHORIZED


def _token(payload: Any, call: Call) -> str:
    token = payload.get("token") if isinstance(payload, dict) else None
    if isinstance(token, str) and is_header_value(token):
        return token
    raise BadResponse("the login answered no token", **call.context())
