"""Redaction of saved views: what somebody searched for goes, the view stays with its columns and other filters."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext as _

from backoffice.models import SavedView
from backoffice.services.privacy.person import Person

_TYPED = ("q", "__contains")  # how the names of parameters end that hold what somebody typed


def find(person: Person) -> int:
    return sum(1 for _view in _naming(person))


def redact(person: Person) -> int:
    done = 0
    for view in list(_naming(person)):
        view.save(update_fields=["name", "query"])
        done += 1
    return done


def _naming(person: Person) -> Iterator[SavedView]:
    """The views that name the person, without that; not saved yet."""
    for view in SavedView.objects.iterator(chunk_size=200):
        pairs = parse_qsl(view.query, keep_blank_values=True)
        kept = [(name, value) for name, value in pairs if not _means(person, name, value)]
        named = person.said_in(view.name)
        if named or len(kept) < len(pairs):
            view.query = urlencode(kept, safe="/,") if len(kept) < len(pairs) else view.query
            view.name = _("View %(number)s") % {"number": view.pk} if named else view.name
            yield view


def _means(person: Person, name: str, value: str) -> bool:
    return person.said_in(value) or (name.endswith(_TYPED) and person.searched_by(value))
