"""The merge call, whose body is not public: one template from the settings, and a check of the guess."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from .config import Settings, merge_template
from .urls import join

# How APIs name the two sides of a merge.
_KEEPS = re.compile(r"(?i)target|survivor|into|master|primary|keep|winner|destination")
_GOES = re.compile(r"(?i)source|duplicate|loser|remove|obsolete|from|secondary")
MERGE_PATH = "/counterparties/{id}/merge"


def merge_call(settings: Settings, *, survivor: str, source: str) -> tuple[str, dict[str, Any]]:
    """Path and body of the request that merges `source` into `survivor`, both given as IRIs."""
    named = survivor if settings.merge_path_id == "survivor" else source
    values = {"survivor": survivor, "source": source, "sources": [source]}
    return join(named, "merge"), _filled(merge_template(settings.merge_body), values)


def merge_body_doubt(document: Mapping[str, Any], settings: Settings) -> str | None:
    """One sentence where the server's OpenAPI document shows another merge body than ours, else None."""
    operation = _at(document, "paths", _merge_path(document), "post")
    if operation is None:
        return "The server's API document names no merge of counterparties."
    known = merge_members(document)
    odd = sorted(set(merge_template(settings.merge_body)) - known)
    if known and odd:
        return (
            f"The server's API document gives the merge body the members {', '.join(sorted(known))}; "
            f"merge_body sends {', '.join(odd)}."
        )
    return None


def merge_direction_doubt(document: Mapping[str, Any], settings: Settings) -> str | None:
    """A sentence where the document's names for the members of the body speak against the record in our path.

    A body that names only who stays wants the one that goes in the path, and the other way about. Names that say
    neither, as "counterparties", tell nothing: then only a merge that was read back tells.
    """
    known = merge_members(document)
    keeps = sorted(name for name in known if _KEEPS.search(name))
    goes = sorted(name for name in known if _GOES.search(name))
    if keeps and not goes and settings.merge_path_id == "survivor":
        return _direction(keeps, "stays", "survivor")
    if goes and not keeps and settings.merge_path_id == "source":
        return _direction(goes, "goes", "source")
    return None


def _direction(names: list[str], fate: str, path_id: str) -> str:
    return (
        f"The server's API document names in the merge body the record that {fate} ({', '.join(names)}); "
        f"merge_path_id {path_id} puts that one into the path."
    )


def merge_members(document: Mapping[str, Any]) -> set[str]:
    """The members that the server's OpenAPI document gives the body of a merge; empty where it says nothing."""
    operation = _at(document, "paths", _merge_path(document), "post")
    return set() if operation is None else _body_properties(document, operation)


def _filled(template: Any, values: Mapping[str, Any]) -> Any:
    """The template with its placeholders filled in: in values only, and whole where one stands alone."""
    if isinstance(template, dict):
        return {name: _filled(value, values) for name, value in template.items()}
    if isinstance(template, list):
        return [_filled(value, values) for value in template]
    if not isinstance(template, str):
        return template
    if template.startswith("{") and template[1:-1] in values:
        return values[template[1:-1]]
    for name in ("survivor", "source"):
        template = template.replace(f"{{{name}}}", values[name])
    return template


def _merge_path(document: Mapping[str, Any]) -> str:
    """The documented path of the merge, which may stand behind a prefix."""
    paths = document.get("paths")
    known = (path for path in paths if path.endswith(MERGE_PATH)) if isinstance(paths, dict) else ()
    return next(iter(known), MERGE_PATH)


def _body_properties(document: Mapping[str, Any], operation: Mapping[str, Any]) -> set[str]:
    content = _at(operation, "requestBody", "content") or {}
    schemas = [_at(content, kind, "schema") for kind in ("application/ld+json", "application/json")]
    found: set[str] = set()
    for schema in schemas:
        found |= _properties(document, schema)
    return {name for name in found if not name.startswith("@")}


def _properties(document: Mapping[str, Any], schema: Any, depth: int = 0) -> set[str]:
    """The property names of a schema through $ref and allOf; a document may refer to itself."""
    if not isinstance(schema, Mapping) or depth > 8:
        return set()
    reference = schema.get("$ref")
    if isinstance(reference, str):
        target = _at(document, *reference.removeprefix("#/").split("/"))
        return _properties(document, target, depth + 1)
    properties = schema.get("properties")
    found = set(properties) if isinstance(properties, Mapping) else set()
    parts = schema.get("allOf")
    for part in parts if isinstance(parts, list) else ():
        found |= _properties(document, part, depth + 1)
    return found


def _at(value: Any, *names: str) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, Mapping) else None
    return value
