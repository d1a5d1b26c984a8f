"""What a form was rendered from, signed and sent along, so that saving needs no second read and no session."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Self

from django.core import signing

from backoffice.resources import Record, Resource

_SALT = "backoffice.forms.basis"


class UnusableBasis(ValueError):
    """The form's own data is missing, was altered, or belongs to another record."""


@dataclass(frozen=True)
class Basis:
    """`values`: the record's fields as read, none for a new record. `nonce`: a second submit is the first."""

    slug: str
    key: str
    label: str
    values: Mapping[str, Any]
    nonce: str

    @classmethod
    def of_record(cls, record: Record) -> Self:
        values = {item.name: record.values.get(item.name) for item in record.resource.editable_fields}
        return cls(record.resource.slug, record.key, record.label, values, new_nonce())

    @classmethod
    def of_all(cls, record: Record) -> Self:
        """Every declared field, also those that nobody edits: what somebody looks at before deleting."""
        return cls(record.resource.slug, record.key, record.label, dict(record.values), new_nonce())

    @classmethod
    def of_nothing(cls, resource: Resource, values: Mapping[str, Any] | None = None) -> Self:
        """For a new record; `values` are shown on its form and sent by nobody but the view that knows them."""
        return cls(resource.slug, "", "", values or {}, new_nonce())

    @property
    def creating(self) -> bool:
        return not self.key

    def again(self) -> Self:
        """For a form that is shown again: the same values, but a submit of its own."""
        return replace(self, nonce=new_nonce())

    def moved_to(self, values: Mapping[str, Any]) -> Self:
        """The same form on values that were read later."""
        return replace(self, values={**self.values, **values}, nonce=new_nonce())

    def signed(self) -> str:
        parts = [self.slug, self.key, self.label, dict(self.values), self.nonce]
        return signing.dumps(parts, salt=_SALT, compress=True)

    @classmethod
    def read(cls, text: str, *, resource: Resource, key: str) -> Self:
        """The basis of a submitted form. Raises UnusableBasis."""
        try:
            slug, held_key, label, values, nonce = signing.loads(text, salt=_SALT)
        except (signing.BadSignature, ValueError, TypeError) as error:
            raise UnusableBasis from error
        if (slug, held_key) != (resource.slug, key):
            raise UnusableBasis
        return cls(slug, held_key, label, values, nonce)


def new_nonce() -> str:
    return secrets.token_urlsafe(24)
