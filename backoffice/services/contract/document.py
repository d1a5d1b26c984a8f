"""The server's OpenAPI document, read for what we compare. Odd shapes are read as silence."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_KEY = re.compile(r"\{[^}]*\}")
_FORMS = ("application/ld+json", "application/merge-patch+json", "application/json")
_DEEPEST = 8  # a document may refer to itself
_KEPT = 200  # the longest value that is offered as a choice


@dataclass(frozen=True)
class Property:
    """One documented member. `types` are JSON Schema's names without "null"; empty where nothing is said."""

    types: frozenset[str] = frozenset()
    nullable: bool = False
    enum: tuple[str, ...] = ()
    read_only: bool = False
    max_length: int | None = None


@dataclass(frozen=True)
class Schema:
    properties: Mapping[str, Property] = field(default_factory=dict)
    required: frozenset[str] = frozenset()


class Document:
    """`prefix` is the path of the base URL, which documented paths may or may not repeat.

    Paths are asked for as ours: "/clients/{}" for any name of the placeholder.
    """

    def __init__(self, raw: Mapping[str, Any], *, prefix: str = "") -> None:
        self.raw = raw
        self.paths: dict[str, Mapping[str, Any]] = {}
        for path, item in _mapping(raw.get("paths")).items():
            self.paths[_plain(path, prefix)] = _mapping(item)

    def methods(self, path: str) -> frozenset[str]:
        """The documented methods, in capitals; empty where the path is not documented."""
        return frozenset(name.upper() for name in self.paths.get(path, {}) if name in _METHODS)

    def answer(self, path: str, method: str = "GET") -> Schema | None:
        """The schema of a successful answer, None where none is given."""
        responses = _mapping(self._operation(method, path).get("responses"))
        good = (value for status, value in sorted(responses.items()) if str(status).startswith("2"))
        return self._first(_mapping(_mapping(value).get("content")) for value in good)

    def body(self, path: str, method: str) -> Schema | None:
        request = self._resolved(self._operation(method, path).get("requestBody"))
        return self._first([_mapping(request.get("content"))])

    def _operation(self, method: str, path: str) -> Mapping[str, Any]:
        return _mapping(self.paths.get(path, {}).get(method.lower()))

    def _first(self, contents: Any) -> Schema | None:
        for content in contents:
            ordered = [content[form] for form in _FORMS if form in content] + list(content.values())
            for media in ordered:
                schema = self.schema(_mapping(media).get("schema"))
                if schema.properties:
                    return schema
        return None

    def schema(self, node: Any) -> Schema:
        """Members and required names through $ref and allOf."""
        properties: dict[str, Property] = {}
        required: set[str] = set()
        for part in self._parts(node):
            for name, value in _mapping(part.get("properties")).items():
                properties[name] = self._property(value)
            named = part.get("required")
            required |= {name for name in named if isinstance(name, str)} if isinstance(named, list) else set()
        return Schema(properties, frozenset(required))

    def _parts(self, node: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
        found = self._resolved(node)
        if not found or depth > _DEEPEST:
            return
        parts = found.get("allOf")
        for part in parts if isinstance(parts, list) else ():
            yield from self._parts(part, depth + 1)
        yield found

    def _property(self, node: Any) -> Property:
        types: set[str] = set()
        enum: list[Any] = []
        nullable = read_only = False
        longest = None
        for part in self._variants(node):
            named = part.get("type")
            types |= {name for name in (named if isinstance(named, list) else [named]) if isinstance(name, str)}
            nullable = nullable or part.get("nullable") is True
            read_only = read_only or part.get("readOnly") is True
            enum += part["enum"] if isinstance(part.get("enum"), list) else []
            longest = part["maxLength"] if isinstance(part.get("maxLength"), int) else longest
        return Property(
            types=frozenset(types - {"null"}),
            nullable=nullable or "null" in types or None in enum,
            enum=tuple(dict.fromkeys(v for v in enum if isinstance(v, str) and 0 < len(v) <= _KEPT)),
            read_only=read_only,
            max_length=longest,
        )

    def _variants(self, node: Any, depth: int = 0) -> Iterator[Mapping[str, Any]]:
        """A property and whatever it may be instead; a record that is referred to counts as an object."""
        found = self._resolved(node)
        if not found or depth > _DEEPEST:
            return
        for name in ("anyOf", "oneOf", "allOf"):
            parts = found.get(name)
            for part in parts if isinstance(parts, list) else ():
                yield from self._variants(part, depth + 1)
        yield found if "type" in found or "properties" not in found else {**found, "type": "object"}

    def _resolved(self, node: Any) -> Mapping[str, Any]:
        found = _mapping(node)
        for _ in range(_DEEPEST):
            reference = found.get("$ref")
            if not isinstance(reference, str):
                return found
            target: Any = self.raw
            for name in reference.removeprefix("#/").split("/"):
                target = _mapping(target).get(name.replace("~1", "/").replace("~0", "~"))
            found = _mapping(target)
        return {}


def _plain(path: str, prefix: str) -> str:
    bare = path.replace("{._format}", "").replace(".{_format}", "")
    if prefix and bare.startswith(f"{prefix}/"):
        bare = bare.removeprefix(prefix)
    return _KEY.sub("{}", bare)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
