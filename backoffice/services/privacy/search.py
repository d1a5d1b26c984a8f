"""In which records a text stands: to find a person by name, and to see who else mentions them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from backoffice.models import ROWS, AuditEntry, Label, Step, User
from backoffice.services.privacy.person import ACCOUNTS, ENTITIES, as_written
from backoffice.services.privacy.rows import PARTS

SHORTEST = 3  # characters
_MOST = 200  # rows looked at in each place
_SHOWN = 50


@dataclass(frozen=True)
class Hit:
    """One record, the name it is known by, and the stores in which the text stands."""

    entity: str
    key: str
    label: str
    stores: tuple[str, ...]


def search(text: str) -> list[Hit]:
    """At most _SHOWN records; fewer letters than SHORTEST find nothing. No request to Flowtly."""
    text = " ".join(text.replace("\x00", "").split())
    if len(text) < SHORTEST:
        return []
    found: dict[tuple[str, str], tuple[str, dict[str, None]]] = {}
    for entity, key, label, store in _hits(text):
        if entity in ENTITIES and key:
            known, stores = found.get((entity, key), ("", {}))
            found[entity, key] = (known or label, stores | {store: None})
    hits = [Hit(entity, key, label, tuple(stores)) for (entity, key), (label, stores) in found.items()]
    return hits[:_SHOWN]


def _hits(text: str) -> Iterator[tuple[str, str, str, str]]:
    for label in Label.objects.filter(label__icontains=text)[:_MOST]:
        yield label.entity, label.key, label.label, "names"
    for slug, model in ROWS.items():
        for row in model._default_manager.filter(search__contains=text.casefold()).only("key", "label")[:_MOST]:
            yield slug, row.key, row.label, "index"
    for step in _steps(text):
        yield step.entity, step.key, step.label, "steps"
    for entry in _entries(text):
        yield entry.entity, entry.key, entry.label, "audit"
    wanted = Q(username__icontains=text) | Q(email__icontains=text)
    for user in User.objects.filter(wanted | Q(first_name__icontains=text) | Q(last_name__icontains=text))[:_MOST]:
        yield ACCOUNTS, str(user.pk), user.get_username(), "accounts"


def _steps(text: str) -> Any:
    rows = Step.objects.annotate(**{f"{part}_text": Cast(part, TextField()) for part in PARTS})
    wanted = Q(label__icontains=text)
    for part in PARTS:
        wanted |= _written(f"{part}_text", text)
    return rows.filter(wanted).order_by("-pk").only("entity", "key", "label")[:_MOST]


def _entries(text: str) -> Any:
    rows = AuditEntry.objects.annotate(values_text=Cast("values", TextField()))
    return (
        rows.filter(_written("values_text", text)).exclude(action__startswith="privacy.").order_by("-seq")[:_MOST]
    )


def _written(column: str, text: str) -> Q:
    """SQLite stores other letters than a to z escaped, and so cannot know a small one from a capital."""
    forms = {text, text.lower(), text.upper(), text.title(), text.capitalize()}
    found = Q()
    for form in forms if settings.SQLITE else {text}:
        for written in as_written(form):
            found |= Q(**{f"{column}__icontains": written})
    return found
