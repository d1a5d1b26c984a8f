"""Decoding of what API Platform answers: pure functions from JSON values to plain values.

A collection comes in three envelopes: prefixed ("hydra:member"), unprefixed ("member") and a bare
list. An error comes as problem+json, as legacy hydra:Error, as Lexik's {code, message}, or as the HTML
of whatever stands in front. Nothing here raises anything but FlowtlyError.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, NoReturn
from urllib.parse import unquote, urlsplit

from .errors import BadResponse, Violation

Payload = dict[str, Any]

MESSAGE_LIMIT = 2_000
MESSAGE_KEYS = (
    "detail",
    "hydra:description",
    "description",
    "hydra:title",
    "title",
    "message",
    "error",
)


@dataclass(frozen=True)
class SearchParameter:
    """One query parameter that a collection declares in hydra:search."""

    variable: str
    property: str
    required: bool = False


@dataclass(frozen=True)
class Collection:
    """One page of a collection.

    `total` is None where the server does not count (bare lists, partial pagination). The links are as
    the server gave them; `Client.follow` takes them. `paged` says that there was a view at all: without
    one, the absence of `next` proves nothing unless `total` does.
    """

    members: list[Payload]
    total: int | None = None
    next: str | None = None
    previous: str | None = None
    first: str | None = None
    last: str | None = None
    paged: bool = False
    bare: bool = False
    search: tuple[SearchParameter, ...] = ()


def load_json(body: bytes) -> Any:
    """The JSON value of a body, strictly: UTF-8, whole, and none of Python's NaN and Infinity.

    Half a character (an emoji that was cut) and the null character can be written in JSON, but in no page and no
    database: they become U+FFFD.
    """
    try:
        text = body.decode("utf-8-sig")
        value = json.loads(text, parse_constant=_refuse_constant)
        return _storable(value) if _SUSPECT.search(text) else value
    except (ValueError, RecursionError):
        # `from None`: the decoder's message and its traceback quote the body.
        raise BadResponse("the answer is not valid JSON") from None


_SUSPECT = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _storable(value: Any) -> Any:
    match value:
        case str():
            return _UNSTORABLE.sub("\N{REPLACEMENT CHARACTER}", value)
        case list():
            return [_storable(item) for item in value]
        case dict():
            return {_storable(name): _storable(item) for name, item in value.items()}
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(name)


def is_collection(payload: object) -> bool:
    """Whether the payload is a collection in any of the three envelopes, and not one record."""
    if isinstance(payload, list):
        return True
    if not isinstance(payload, dict):
        return False
    kind = payload.get("@type")
    typed = isinstance(kind, str) and kind.removeprefix("hydra:") in {"Collection", "PagedCollection"}
    return typed or "hydra:member" in payload


def decode_collection(payload: object) -> Collection:
    """Read a page in any envelope; BadResponse where it is none or contradicts itself."""
    if isinstance(payload, list):
        return Collection(members=_members(payload), bare=True)
    if not isinstance(payload, dict) or not ("hydra:member" in payload or "member" in payload):
        raise BadResponse("a list was expected, and the answer is none")
    members = _members(_either(payload, "member"))
    total = _total(_either(payload, "totalItems"))
    if total is not None and total < len(members):
        raise BadResponse(f"a page holds {len(members)} records of a list that has {total}")
    view = _either(payload, "view")
    return Collection(
        members=members,
        total=total,
        next=_link(view, "next"),
        previous=_link(view, "previous"),
        first=_link(view, "first"),
        last=_link(view, "last"),
        paged=isinstance(view, dict),
        search=_search(_either(payload, "search")),
    )


def decode_error(status: int, content_type: str, body: bytes) -> tuple[str, tuple[Violation, ...]]:
    """The best message and the field errors of a refusal, whatever its shape; never raises.

    A 400 has no field map: where it quotes an attribute's name, it becomes one violation there.
    """
    fallback = _status_line(status)
    if "html" in content_type.lower():
        return fallback, ()
    try:
        payload = load_json(body)
    except BadResponse:
        return fallback, ()
    if not isinstance(payload, dict):
        return fallback, ()
    message = _message(payload) or fallback
    violations = _violations(payload.get("violations", payload.get("hydra:violations")))
    if not violations and status == HTTPStatus.BAD_REQUEST and (path := quoted_attribute(message)):
        violations = (Violation(path, message),)
    return message, violations


_ATTRIBUTE = re.compile(
    r'attribute "(?P<after>[^"]+)"|"(?P<before>[^"]+)" attribute|\("(?P<extra>[^"]+)" (?:is|are) unknown\)'
)
_VALUE = re.compile(r'(?:Invalid IRI|Item not found for) "(?P<value>[^"]*)"')


def quoted_attribute(message: str) -> str | None:
    """The attribute that a deserialisation error names in quotes, else None."""
    found = _ATTRIBUTE.search(message)
    return found.group(found.lastgroup or 0) if found else None


def field_holding(message: str, sent: object) -> str | None:
    """The one field of the body sent whose value an IRI error quotes, else None.

    'Invalid IRI "DK".' and 'Item not found for "/countries/999".' name the value and not the field.
    """
    found = _VALUE.search(message)
    if found is None or not isinstance(sent, Mapping):
        return None
    value = found["value"]
    fields = [str(name) for name, held in sent.items() if _holds(held, value)]
    return fields[0] if len(fields) == 1 else None


def is_missing_route(status: int, content_type: str, body: bytes) -> bool:
    """Whether a 404 or 405 is about the address and not about the record.

    A record's 404 is always API Platform's JSON. HTML comes from a proxy; "No route found" and the bare
    RFC 2616 problem (which has neither @id nor @context) come from Symfony's router.
    """
    if status != HTTPStatus.NOT_FOUND:
        return status == HTTPStatus.METHOD_NOT_ALLOWED
    try:
        payload = load_json(body)
    except BadResponse:
        return True
    if not isinstance(payload, dict):
        return True
    router = str(payload.get("type", "")).startswith("https://tools.ietf.org/html/rfc2616")
    named = "@id" in payload or "@context" in payload
    return (_message(payload) or "").startswith("No route found") or (router and not named)


def key_of(payload: Mapping[str, Any]) -> str:
    """A record's key: the last segment of its @id, else its id; BadResponse where it has neither."""
    iri = payload.get("@id")
    if isinstance(iri, str) and not iri.startswith("_:") and "/.well-known/genid/" not in iri:
        try:
            key = unquote(urlsplit(iri).path.rstrip("/").rpartition("/")[2])
        except ValueError:
            key = ""
        if key:
            return key
    plain = payload.get("id")
    if isinstance(plain, int) and not isinstance(plain, bool):
        return str(plain)
    if isinstance(plain, str) and plain:
        return plain
    raise BadResponse("a record carries neither @id nor id")


def iri_of(value: object) -> str | None:
    """The IRI of a relation, given as an IRI or as an embedded record; None for no relation."""
    if value is None:
        return None
    iri = value.get("@id") if isinstance(value, Mapping) else value
    if isinstance(iri, str) and iri:
        return iri
    raise BadResponse("a relation is neither an IRI nor a record with @id")


def _either(payload: Mapping[str, Any], name: str) -> Any:
    return payload.get(f"hydra:{name}", payload.get(name))


def _members(value: object) -> list[Payload]:
    if not isinstance(value, list) or not all(isinstance(member, dict) for member in value):
        raise BadResponse("the members of a list are no records")
    return value


def _total(value: object) -> int | None:
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise BadResponse("the total of a list is no number")


def _link(view: object, name: str) -> str | None:
    """A link is a string, or in expanded JSON-LD a node with @id; anything else is no link."""
    value = _either(view, name) if isinstance(view, dict) else None
    if isinstance(value, dict):
        value = value.get("@id")
    return value if isinstance(value, str) and value else None


def _search(value: object) -> tuple[SearchParameter, ...]:
    mapping = _either(value, "mapping") if isinstance(value, dict) else None
    if not isinstance(mapping, list):
        return ()
    found = (_search_parameter(entry) for entry in mapping if isinstance(entry, dict))
    return tuple(parameter for parameter in found if parameter)


def _search_parameter(entry: Mapping[str, Any]) -> SearchParameter | None:
    variable = _either(entry, "variable")
    if not isinstance(variable, str) or not variable:
        return None
    prop = _either(entry, "property")
    return SearchParameter(
        variable, prop if isinstance(prop, str) else variable, _either(entry, "required") is True
    )


def _message(payload: Mapping[str, Any]) -> str | None:
    for key in MESSAGE_KEYS:
        value = payload.get(key)
        if isinstance(value, str) and (text := _printable(value)):
            return text
    return None


def _violations(value: object) -> tuple[Violation, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(_violation(entry) for entry in value if isinstance(entry, dict))


def _violation(entry: Mapping[str, Any]) -> Violation:
    path, message, code = entry.get("propertyPath"), entry.get("message"), entry.get("code")
    return Violation(
        path if isinstance(path, str) else "",
        (_printable(message) if isinstance(message, str) else "") or "This value is not accepted.",
        code if isinstance(code, str) and code else None,
    )


def _printable(text: str) -> str:
    """Without control characters (line ends stay: the server joins its messages with them)."""
    clean = "".join(char for char in text[:MESSAGE_LIMIT] if char == "\n" or char.isprintable())
    return clean.strip()


def _holds(held: object, value: str) -> bool:
    return held == value or (isinstance(held, list) and value in held)


def _status_line(status: int) -> str:
    try:
        return f"{status} {HTTPStatus(status).phrase}"
    except ValueError:
        return str(status)
