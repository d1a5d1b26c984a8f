"""Sign-ins, refused sign-ins and sign-outs go to the audit trail."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.signals import user_logged_in, user_logged_out, user_login_failed
from django.dispatch import receiver
from django.http import HttpRequest

from backoffice.models import User
from backoffice.services import audit


def _request_id(request: HttpRequest | None) -> str:
    return str(getattr(request, "id", ""))


@receiver(user_logged_in)
def signed_in(sender: Any, request: HttpRequest, user: User, **kwargs: Any) -> None:
    audit.append(action="auth.login", outcome="ok", actor=user, request_id=_request_id(request))


@receiver(user_logged_out)
def signed_out(sender: Any, request: HttpRequest, user: User | None, **kwargs: Any) -> None:
    if user is not None:
        audit.append(action="auth.logout", outcome="ok", actor=user, request_id=_request_id(request))


@receiver(user_login_failed)
def refused(sender: Any, credentials: dict[str, Any], request: HttpRequest | None = None, **kwargs: Any) -> None:
    """The name is kept only where such a user exists: people type passwords into the wrong field."""
    name = str(credentials.get("username", ""))
    known = User.objects.filter(username=name).first()
    audit.append(
        action="auth.login",
        outcome="refused",
        actor=known,
        actor_name=name if known else "",
        request_id=_request_id(request),
    )
