"""Is Flowtly there, does it let us in, for how long, and how fast is it."""

from __future__ import annotations

import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from django.conf import settings

from backoffice.flowtly import FlowtlyError, errors
from backoffice.services.contract.findings import Finding, Severity
from backoffice.services.upstream import client

_SAMPLES = 5
_SLOW = 1000.0  # milliseconds
_SOON = 7 * 86_400.0  # seconds


def refusal(error: FlowtlyError) -> Finding:
    """Why nothing more can be found out."""
    codes: dict[type[FlowtlyError], str] = {
        errors.Unauthorized: "unauthorized",
        errors.Forbidden: "forbidden",
        errors.Unavailable: "unreachable",
        errors.RateLimited: "rate_limited",
    }
    return Finding(codes.get(type(error), "not_flowtly"), Severity.PROBLEM, {"reason": reason_of(error)})


def reason_of(error: FlowtlyError) -> str:
    """What went wrong, without the server's words: they may repeat what was sent."""
    if error.quoted or not error.message:
        return f"HTTP {error.status}" if error.status else type(error).__name__
    return error.message


def connection() -> Iterator[Finding]:
    """Assumes that one call went well before."""
    yield Finding("reached", Severity.OK, {"address": str(client().base)})
    if settings.FLOWTLY_INSTANCE:
        yield Finding("instance", Severity.OK, {"instance": settings.FLOWTLY_INSTANCE})
    yield _token()
    yield _round_trip()


def _token() -> Finding:
    expiry = client().token_expiry()
    if not settings.FLOWTLY_API_TOKEN:
        if expiry is None:
            return Finding("login", Severity.OK)
        return Finding("login_until", Severity.OK, {"minutes": f"{max(0.0, expiry - time.time()) / 60:.0f}"})
    if expiry is None:
        return Finding("token_silent", Severity.OK)
    left = expiry - time.time()
    values = {"moment": f"{_moment(expiry):%Y-%m-%d %H:%M} UTC", "days": f"{max(0.0, left) / 86_400:.0f}"}
    if left <= 0:
        return Finding("token_expired", Severity.WARNING, values)
    if left < _SOON:
        return Finding("token_soon", Severity.WARNING, values)
    return Finding("token_until", Severity.OK, values)


def _moment(expiry: float) -> datetime:
    try:
        return datetime.fromtimestamp(expiry, UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.max.replace(tzinfo=UTC)


def _round_trip() -> Finding:
    taken = []
    for _ in range(_SAMPLES):
        begun = time.perf_counter()
        client().check()
        taken.append((time.perf_counter() - begun) * 1000)
    median = statistics.median(taken)
    values = {"ms": f"{median:.0f}", "count": str(_SAMPLES)}
    return Finding("slow", Severity.WARNING, values) if median > _SLOW else Finding("quick", Severity.OK, values)
