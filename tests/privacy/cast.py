"""Whom the tests redact, how, and what is left of her."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from backoffice.models import User
from backoffice.services import privacy
from tests.privacy.tables import where

Person = Callable[[str], User]
ANNA = {
    "name": "Åse Ørsted-Testsen",
    "email": "aase@ny.example",
    "title": "Vagtmester",
    "phone": "+45 12 34 56 78",
}
OLD = {"name": "Åse Førhen", "email": "foerhen@ny.example"}
HERS = [*ANNA.values(), *OLD.values()]
PAGE = "/privacy/contacts/1/"
CONFIRMED = {"reason": "request 14", "sure": "on"}


def redact(browser: Client, page: str = PAGE, **typed: str) -> Any:
    return browser.post(page, {**CONFIRMED, **typed})


def left() -> list[str]:
    return [line for text in HERS for line in where(text)]


def redacted(entity: str = "contacts", key: str = "1") -> int:
    return sum(privacy.redact(actor=None, actor_name="test", entity=entity, key=key, reason="request 14").values())
