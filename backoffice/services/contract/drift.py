"""What we expect, held against the server's OpenAPI document: missing, new and changed."""

from __future__ import annotations

from collections.abc import Iterator

from backoffice.flowtly import merge_body_doubt, merge_direction_doubt, merge_members
from backoffice.flowtly.config import merge_template
from backoffice.models import ObservedValue
from backoffice.resources import REGISTRY, Field, Kind, Resource
from backoffice.services import routes
from backoffice.services.contract.document import Document, Property, Schema
from backoffice.services.contract.expected import KNOWN, OPERATIONS, Operation
from backoffice.services.contract.findings import Finding, Severity, listed
from backoffice.services.upstream import client, current

# JSON Schema's type of each kind; a kind that is not here may be anything.
_TYPES: dict[Kind, frozenset[str]] = {
    Kind.INTEGER: frozenset({"integer", "number"}),
    Kind.BOOLEAN: frozenset({"boolean"}),
    Kind.REFERENCE: frozenset({"string", "object"}),
} | {
    kind: frozenset({"string"})
    for kind in (
        Kind.TEXT,
        Kind.LONG_TEXT,
        Kind.EMAIL,
        Kind.URL,
        Kind.CHOICE,
        Kind.COUNTRY_CODE,
        Kind.LANGUAGE,
        Kind.TAX_ID,
        Kind.TIMESTAMP,
    )
}
Choices = dict[tuple[str, str], tuple[str, ...]]


def operations(document: Document) -> Iterator[Finding]:
    """Operations that are gone, and new ones on the entities that we have."""
    absent = {path for path in map(_collection, OPERATIONS) if not document.methods(path)}
    for path in sorted(absent):
        yield Finding("entity_undocumented", Severity.WARNING, {"path": path})
    for item in OPERATIONS:
        if item.method not in document.methods(item.path) and _collection(item) not in absent:
            yield Finding("operation_missing", item.severity, {"operation": str(item)})
    ours = {path for _method, path in KNOWN}
    for path in sorted(document.paths):
        if path in ours or any(path.startswith(f"{each}/") for each in ours if "{" not in each):
            for method in sorted(document.methods(path)):
                if (method, path) not in KNOWN:
                    shown = f"{method} {path.replace('{}', '{id}')}"
                    yield Finding("operation_new", Severity.NOTE, {"operation": shown})


def _collection(item: Operation) -> str:
    return "/" + item.path.split("/")[1]


def fields(document: Document) -> Iterator[Finding]:
    """Each entity's fields: read ones against what an item answers, edited ones against what a write takes."""
    for resource in REGISTRY.values():
        read = document.answer(f"{resource.path}/{{}}")
        if read is None:
            continue
        yield from _read_fields(resource, read)
        if resource.editable:
            yield from _written_fields(resource, read, document)


def _read_fields(resource: Resource, read: Schema) -> Iterator[Finding]:
    # Of a list that is only read, several names are tried because none is public; one of them will do.
    nameless = not resource.by_name.keys() & read.properties.keys()
    for item in resource.fields:
        if (found := read.properties.get(item.name)) is None:
            if resource.editable or nameless:
                gravity = Severity.WARNING if resource.editable else Severity.NOTE
                yield _about(resource, item.name, "field_missing", gravity)
        elif _other_type(item, found):
            gravity = Severity.NOTE if item.read_only else Severity.WARNING
            yield _about(
                resource, item.name, "field_type", gravity, ours=item.kind.value, theirs=listed(found.types)
            )
    if resource.editable:
        known = {*resource.by_name, "id"}
        for name in sorted(read.properties.keys() - known):
            if not name.startswith("@"):
                yield _about(resource, name, "field_new", Severity.NOTE)


def _other_type(item: Field, found: Property) -> bool:
    wanted = _TYPES.get(item.kind)
    return bool(wanted and found.types and not found.types & wanted)


def _written_fields(resource: Resource, read: Schema, document: Document) -> Iterator[Finding]:
    created = document.body(routes.write_path(resource, None), "POST") or document.body(resource.path, "POST")
    changed = document.body(f"{routes.write_path(resource, None)}/{{}}", "PATCH")
    written = created or changed
    if written is None:
        return
    for item in resource.editable_fields:
        if (found := written.properties.get(item.name)) is not None:
            yield from _rules(resource, item, found, required=item.name in written.required)
        elif item.name in read.properties:
            yield _about(resource, item.name, "field_not_taken", Severity.WARNING)
    editable = {item.name for item in resource.editable_fields}
    for name in sorted(written.required - editable):
        if not name.startswith("@"):
            yield _about(resource, name, "field_demanded", Severity.PROBLEM)


def _rules(resource: Resource, item: Field, found: Property, *, required: bool) -> Iterator[Finding]:
    if found.read_only:
        yield _about(resource, item.name, "field_not_taken", Severity.WARNING)
    if required and not item.required:
        yield _about(resource, item.name, "field_required", Severity.WARNING)
    if item.required and not required:
        yield _about(resource, item.name, "field_optional", Severity.NOTE)
    if item.clearable and found.types and not found.nullable:
        yield _about(resource, item.name, "field_not_emptied", Severity.WARNING)
    if item.max_length and found.max_length and found.max_length < item.max_length:
        yield _about(
            resource, item.name, "field_shorter", Severity.WARNING,
            ours=str(item.max_length), theirs=str(found.max_length),
        )  # fmt: skip


def choices(document: Document) -> Choices:
    """The values that the document allows in each field that a form offers values of."""
    found: Choices = {}
    for resource in REGISTRY.values():
        read = document.answer(f"{resource.path}/{{}}") or Schema()
        written = document.body(resource.path, "POST") or document.body(routes.write_path(resource, None), "POST")
        for item in resource.fields:
            for schema in (written or Schema(), read):
                if (allowed := schema.properties.get(item.name)) and allowed.enum:
                    found.setdefault((resource.slug, item.name), allowed.enum)
    return found


def is_offered(at: tuple[str, str]) -> bool:
    """Whether forms offer known values of this field (slug of the entity, name)."""
    slug, name = at
    return REGISTRY[slug].by_name[name].observed


def enums(found: Choices) -> Iterator[Finding]:
    """What documented values mean: choices in the forms, or a form that takes more than Flowtly does."""
    before = _documented_before()
    for (slug, name), allowed in found.items():
        resource = REGISTRY[slug]
        if not is_offered((slug, name)):
            if not resource.by_name[name].read_only:
                yield _about(resource, name, "enum_unused", Severity.NOTE, values=", ".join(allowed))
            continue
        yield _about(resource, name, "enum_offered", Severity.OK, values=", ".join(allowed))
        if before.get((slug, name)) and (added := set(allowed) - before[slug, name]):
            yield _about(resource, name, "enum_added", Severity.NOTE, values=listed(added))
        if odd := _seen(slug, name) - set(allowed):
            yield _about(resource, name, "enum_gone", Severity.NOTE, values=listed(odd))


def _documented_before() -> dict[tuple[str, str], set[str]]:
    found: dict[tuple[str, str], set[str]] = {}
    rows = ObservedValue.objects.filter(upstream=current(), documented=True)
    for slug, name, value in rows.values_list("entity", "field", "value"):
        found.setdefault((slug, name), set()).add(value)
    return found


def _seen(slug: str, name: str) -> set[str]:
    rows = ObservedValue.objects.filter(upstream=current(), documented=False, entity=slug, field=name)
    return set(rows.values_list("value", flat=True))


def bodies(document: Document) -> Iterator[Finding]:
    """The bodies that are not public: merge and enrichment."""
    settings, raw = client().settings, document.raw
    if "POST" in document.methods("/counterparties/{}/merge"):
        known = merge_members(raw)
        if merge_direction_doubt(raw, settings):
            values = {"known": listed(known), "path": settings.merge_path_id}
            yield Finding("merge_direction", Severity.PROBLEM, values)
        sent = listed(merge_template(settings.merge_body))
        if merge_body_doubt(raw, settings):
            yield Finding("merge_differs", Severity.WARNING, {"sent": sent, "known": listed(known)})
        elif known:
            yield Finding("merge_agrees", Severity.OK, {"sent": sent})
    for path, sent_members in (
        ("/counterparties/{}/enrich-branding-ai", set()),
        ("/counterparties/enrich-branding-ai", {"counterparties"}),
    ):
        body = document.body(path, "POST")
        if body is None:
            continue
        odd = sent_members - body.properties.keys()
        # Where nothing is sent, a documented body is the record itself, which such operations do not read.
        lacking = (
            {name for name in body.required if not name.startswith("@")} - sent_members if sent_members else set()
        )
        if odd or lacking:
            values = {
                "path": path.replace("{}", "{id}"),
                "known": listed(body.properties),
                "sent": listed(sent_members),
            }
            yield Finding("enrich_differs", Severity.WARNING, values)


def _about(resource: Resource, name: str, code: str, severity: Severity, **values: str) -> Finding:
    return Finding(code, severity, {"entity": resource.slug, "field": name, **values})
