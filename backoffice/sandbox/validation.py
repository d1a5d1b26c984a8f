"""From a request's JSON to the values of a record: types first (400), then rules (422), as Symfony does it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from . import iris
from .problems import (
    NO_SUCH_CHOICE,
    NOT_A_URL,
    NOT_AN_EMAIL,
    NOT_BLANK,
    NOT_NULL,
    NOT_UNIQUE,
    TOO_LONG,
    TOO_SMALL,
    WRONG_TYPE,
    Invalid,
    Violation,
    bad_request,
)
from .profiles import Profile
from .schema import BY_PATH, Field, Resource
from .storage import Key, Query, Row, Storage

_EMAIL = re.compile(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+)+")
_URL = re.compile(r"https?://[^\s/]+(/\S*)?")
_BIGGEST_INTEGER = 2**63 - 1
_TYPES = {"string": "string", "int": "int", "bool": "bool"}


class WrongType(Exception):
    """A value that a field cannot take: what to say, and what a violation would call the expected type."""

    def __init__(self, message: str, expected: str, *, hint: bool) -> None:
        super().__init__(message)
        self.message, self.expected, self.hint = message, expected, hint


def read_json(body: bytes) -> dict[str, Any]:
    """The members of a JSON body; refuses what PHP's decoder refuses, and takes an array for an empty object."""

    def refuse(constant: str) -> NoReturn:
        raise ValueError(constant)

    try:
        found = json.loads(body.decode(), parse_constant=refuse)
        json.dumps(found, ensure_ascii=False).encode()  # half a surrogate pair is no text
    except (ValueError, RecursionError):
        raise bad_request("Syntax error") from None
    if isinstance(found, str):
        raise bad_request(f'Invalid IRI "{found}".')
    if isinstance(found, list):
        return {}
    if not isinstance(found, dict):
        raise bad_request("The input data is misformatted.")
    return found


@dataclass(frozen=True)
class Reader:
    """Reads the writable fields of one resource out of a body."""

    storage: Storage
    profile: Profile
    resource: Resource
    host: str

    def values(self, body: Mapping[str, Any]) -> Row:
        """Values by field name, in the order of the body; members that are unknown or read-only are ignored."""
        values: Row = {}
        wrong: list[Violation] = []
        for name, given in body.items():
            field = self.resource.by_name.get(name)
            if field is None or not field.writable:
                continue
            try:
                values[name] = self._value(field, given)
            except WrongType as error:
                wrong.append(self._collected(field, error))
        if wrong:
            raise Invalid(wrong)
        return values

    def _collected(self, field: Field, error: WrongType) -> Violation:
        if self.resource.path not in self.profile.collect_errors:
            raise bad_request(error.message) from None
        message = f"This value should be of type {error.expected}."
        return Violation(field.name, message, WRONG_TYPE, error.message if error.hint else None)

    def _value(self, field: Field, given: Any) -> Any:
        if given is None and field.nullable:
            return None
        if field.kind == "iri":
            return self._relation(field, given)
        kind, expected = php_type(given), _TYPES[field.kind]
        if kind != {"int": "integer", "bool": "boolean"}.get(expected, expected):
            message = f'The type of the "{field.name}" attribute must be "{expected}", "{kind}" given.'
            raise WrongType(message, expected, hint=False)
        if field.choices and self.profile.enum_errors == 400 and given not in field.choices:
            enum = f"App\\Enum\\{field.name[0].upper()}{field.name[1:]}"
            raise bad_request(f"The data must belong to a backed enumeration of type {enum}")
        return given

    def _relation(self, field: Field, given: Any) -> Key:
        if isinstance(given, dict):
            raise bad_request(f'Nested documents for attribute "{field.name}" are not allowed. Use IRIs instead.')
        if not isinstance(given, str):
            expected = '"array" (nested document) or "string" (IRI)'
            message = f'The type of the "{field.name}" attribute must be {expected}, "{php_type(given)}" given.'
            raise WrongType(message, "array|string", hint=True)
        target = BY_PATH[field.target]
        found = iris.parse(self.profile, given, host=self.host)
        if found is None:
            raise WrongType(f'Invalid IRI "{given}".', _entity(target), hint=True)
        resource, key = found
        if not self.storage.exists(resource, key):
            raise WrongType(f'Item not found for "{given}".', _entity(target), hint=True)
        if resource is not target:
            raise WrongType(self._foreign(field, target, resource), _entity(target), hint=True)
        return key

    def _foreign(self, field: Field, target: Resource, given: Resource) -> str:
        return (
            f'Failed to denormalize attribute "{field.name}" value for class "{_entity(self.resource)}": '
            f'Expected argument of type "{_entity(target)}", "{_entity(given)}" given '
            f'at property path "{field.name}".'
        )


def check(storage: Storage, profile: Profile, resource: Resource, row: Row) -> None:
    """Holds a whole record against the rules; raises `Invalid` with every violation, in declared order."""
    found = [violation for field in resource.fields for violation in _violations(field, row.get(field.name))]
    if profile.unique_tin and resource.path == "clients" and _tin_is_taken(storage, resource, row):
        found.append(Violation("tin", "This value is already used.", NOT_UNIQUE))
    if found:
        raise Invalid(found)


def _violations(field: Field, value: Any) -> Iterator[Violation]:
    if field.required and value is None and field.kind == "iri":
        yield Violation(field.name, "This value should not be null.", NOT_NULL)
    elif field.required and value in (None, ""):
        yield Violation(field.name, "This value should not be blank.", NOT_BLANK)
    if value is None:
        return
    if field.choices and value not in field.choices:
        yield Violation(field.name, "The value you selected is not a valid choice.", NO_SUCH_CHOICE)
    if field.max_length is not None and len(value) > field.max_length:
        limit = f"This value is too long. It should have {field.max_length} characters or less."
        yield Violation(field.name, limit, TOO_LONG)
    if field.minimum is not None and value < field.minimum:
        yield Violation(field.name, "This value should be either positive or zero.", TOO_SMALL)
    if field.check == "email" and value and not _EMAIL.fullmatch(value):
        yield Violation(field.name, "This value is not a valid email address.", NOT_AN_EMAIL)
    if field.check == "url" and value and not _URL.fullmatch(value):
        yield Violation(field.name, "This value is not a valid URL.", NOT_A_URL)


def _tin_is_taken(storage: Storage, resource: Resource, row: Row) -> bool:
    if not row.get("tin"):
        return False
    query = Query(
        ("tin = ?", "tinCountry IS ?", "id IS NOT ?"), (row["tin"], row.get("tinCountry"), row.get("id"))
    )
    return storage.count(resource, query) > 0


def php_type(value: Any) -> str:
    """What PHP's gettype() calls a decoded JSON value."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer" if abs(value) <= _BIGGEST_INTEGER else "double"
    if isinstance(value, float):
        return "double"
    return "string" if isinstance(value, str) else "array"


def _entity(resource: Resource) -> str:
    return f"App\\Entity\\{resource.name}"
