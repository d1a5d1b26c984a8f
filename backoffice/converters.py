"""The URL converters: a slug that is a Resource with pages, and a record's key."""

from __future__ import annotations

from backoffice.resources import PAGES, Resource
from backoffice.resources.schema import SEGMENT


class ResourceConverter:
    regex = "[a-z][a-z-]*"

    def to_python(self, value: str) -> Resource:
        try:
            return PAGES[value]
        except KeyError:
            raise ValueError(value) from None

    def to_url(self, value: Resource | str) -> str:
        return value if isinstance(value, str) else value.slug


class KeyConverter:
    """Flowtly's keys are numbers or UUIDs; another server's may be anything that is one segment of an address."""

    regex = r"(?!\.{1,2}(?:/|$))" + SEGMENT

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return str(value)
