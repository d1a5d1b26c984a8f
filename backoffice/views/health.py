"""For monitors: is the process alive, and can it work."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from backoffice.flowtly import errors
from backoffice.services.upstream import client
from backoffice.views.guard import public


@public
@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """The process answers; nothing else is asked."""
    return JsonResponse({"status": "ok"})


@public
@never_cache
@require_safe
def readyz(request: HttpRequest) -> HttpResponse:
    """200 where database and API answer, else 503 with the part that is down; no details for strangers."""
    parts = {"database": _database(), "flowtly": _flowtly()}
    ready = all(parts.values())
    body = {"status": "ok" if ready else "down"} | {name: "ok" if up else "down" for name, up in parts.items()}
    return JsonResponse(body, status=200 if ready else 503)


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _flowtly() -> bool:
    try:
        client().check()
    except errors.FlowtlyError:
        return False
    return True
