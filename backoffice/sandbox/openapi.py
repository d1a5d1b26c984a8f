"""The OpenAPI document, in the shape in which API Platform writes it."""

from __future__ import annotations

from .filters import Filter, declared
from .profiles import Profile
from .routes import Route, routes
from .schema import Field, Resource
from .wire import Payload

LD, JSON, PATCH = "application/ld+json", "application/json", "application/merge-patch+json"
_WORDS = {
    # operation: (kind, what it is called in summaries, what its success is called, HTTP status)
    "list": ("collection", "Retrieves the collection of {} resources.", "{} collection", 200),
    "search": ("collection", "Retrieves the collection of {} resources.", "{} collection", 200),
    "documents": ("collection", "Retrieves the collection of {} resources.", "{} collection", 200),
    "me": ("collection", "Retrieves the collection of {} resources.", "{} collection", 200),
    "read": ("item", "Retrieves a {} resource.", "{} resource", 200),
    "create": ("write", "Creates a {} resource.", "{} resource created", 201),
    "patch": ("write", "Updates the {} resource.", "{} resource updated", 200),
    "delete": ("none", "Removes the {} resource.", "{} resource deleted", 204),
    "merge": ("write", "Creates a {} resource.", "{} resource created", 201),
    "enrich": ("write", "Creates a {} resource.", "{} resource created", 201),
    "enrich_many": ("write", "Creates a {} resource.", "{} resource created", 202),
}
_NO_MARKUP = {ord(each): None for each in "<>:"}
_TEXT: Payload = {"type": "string"}
_IRI: Payload = {"type": "string", "format": "iri-reference"}
_EXAMPLE = {"example": "https://example.com/"}
_CONTEXT: Payload = {
    "readOnly": True,
    "oneOf": [
        _TEXT,
        {
            "type": "object",
            "properties": {
                "@vocab": _TEXT,
                "hydra": _TEXT | {"enum": ["http://www.w3.org/ns/hydra/core#"]},
            },
            "required": ["@vocab", "hydra"],
            "additionalProperties": True,
        },
    ],
}
_PARTS = ("responses", "parameters", "examples", "requestBodies", "headers", "securitySchemes")
_INPUTS = {"merge": "CounterpartyMergeInput", "enrich_many": "CounterpartyEnrichInput"}


def document(profile: Profile) -> Payload:
    paths: Payload = {}
    resources: dict[str, Resource] = {}
    for route in routes(profile):
        if route.resource is None:
            continue
        resources[route.resource.path] = route.resource
        path = f"{profile.prefix}{route.path}".replace("<int:key>", "{id}").replace("<key>", "{id}")
        item = {method.lower(): _operation(profile, route, method, name) for method, name in route.operations}
        paths.setdefault(path, {}).update(item)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Sandbox", "description": "A local stand-in for Flowtly.", "version": "1.0.0"},
        "servers": [{"url": "/", "description": ""}],
        "paths": paths,
        "components": {"schemas": _schemas(profile, list(resources.values())), **{each: {} for each in _PARTS}},
        "security": [],
        "tags": [],
        "webhooks": {},
    }


def _operation(profile: Profile, route: Route, method: str, name: str) -> Payload:
    resource = route.resource
    assert resource is not None
    kind, summary, success, status = _WORDS[name]
    status = {
        "merge": profile.merge_status,
        "enrich": profile.enrich_status,
        "enrich_many": profile.enrich_many_status,
    }.get(name, status)
    words = summary.format(resource.name)
    found: Payload = {
        "operationId": f"api_{route.path.strip('/').replace('/', '_').translate(_NO_MARKUP)}_{name}",
        "tags": [resource.name],
        "responses": _responses(profile, resource, kind, success.format(resource.name), status, name),
        "summary": words,
        "description": words,
        "parameters": _parameters(profile, route, name),
        "deprecated": False,
    }
    if kind == "write":
        found["requestBody"] = _request_body(resource, method, name)
    return found


def _responses(profile: Profile, resource: Resource, kind: str, success: str, status: int, name: str) -> Payload:
    answer: Payload = {"description": success}
    if kind == "collection":
        answer["content"] = _collection_content(profile, resource)
    elif kind != "none":
        shown = status not in (202, 204)
        answer["content"] = {
            form: {"schema": _reference(resource, form, "read") if shown else {}} for form in (LD, JSON)
        }
    if kind == "write":
        answer["links"] = {}
    found: Payload = {str(status): answer}
    if kind == "write":
        found["400"] = {"description": "Invalid input"}
        found["422"] = {"description": "Unprocessable entity"}
    if name in ("read", "patch", "delete"):
        found["404"] = {"description": "Resource not found"}
    return found


def _collection_content(profile: Profile, resource: Resource) -> Payload:
    h = "hydra:" if profile.hydra_prefix else ""
    links = (f"{h}first", f"{h}last", f"{h}previous", f"{h}next")
    view = {
        "type": "object",
        "properties": {"@id": _IRI, "@type": _TEXT, **dict.fromkeys(links, _IRI)},
        "example": {"@id": "string", "type": "string", **dict.fromkeys(links, "string")},
    }
    properties: Payload = {
        f"{h}member": {"type": "array", "items": _reference(resource, LD, "read")},
        f"{h}totalItems": {"type": "integer", "minimum": 0},
        f"{h}view": view,
        f"{h}search": _search_schema(h),
    }
    envelope = {"type": "object", "properties": properties, "required": [f"{h}member"]}
    members = {"type": "array", "items": _reference(resource, JSON, "read")}
    return {LD: {"schema": envelope}, JSON: {"schema": members}}


def _search_schema(h: str) -> Payload:
    mapping = {
        "@type": _TEXT,
        "variable": _TEXT,
        "property": {"type": ["string", "null"]},
        "required": {"type": "boolean"},
    }
    properties: Payload = {"@type": _TEXT, f"{h}template": _TEXT, f"{h}variableRepresentation": _TEXT}
    properties[f"{h}mapping"] = {"type": "array", "items": {"type": "object", "properties": mapping}}
    return {"type": "object", "properties": properties}


def _request_body(resource: Resource, method: str, name: str) -> Payload:
    patching = method == "PATCH"
    forms = {PATCH: JSON} if patching else {LD: LD, JSON: JSON}
    content = {
        sent: {"schema": _reference(resource, form, "write", _INPUTS.get(name, ""))}
        for sent, form in forms.items()
    }
    what = f"The {'updated' if patching else 'new'} {resource.name} resource"
    return {"description": what, "content": content, "required": True}


def _parameters(profile: Profile, route: Route, name: str) -> list[Payload]:
    resource = route.resource
    assert resource is not None
    found = []
    if "key>" in route.path:
        described = f"{resource.name} identifier"
        found.append(_parameter("id", "path", described, {"type": "string"}, required=True))
    if name not in ("list", "search", "documents"):
        return found
    paging = {"page": ("The collection page number", {"type": "integer", "default": 1})}
    if profile.items_per_page:
        size: Payload = {"type": "integer", "default": profile.page_size, "minimum": 0}
        size |= {"maximum": profile.page_size_max} if profile.page_size_max else {}
        paging["itemsPerPage"] = ("The number of items per page", size)
    found += [_parameter(name, "query", text, schema) for name, (text, schema) in paging.items()]
    for each in declared(resource, profile):
        found += [_parameter(variable, "query", "", _query_schema(each, variable)) for variable in each.variables]
    if name == "search" and profile.search_declared:
        found.append(_parameter(profile.search_param, "query", "", _TEXT))
    return found


def _query_schema(each: Filter, variable: str) -> Payload:
    if each.kind == "order":
        return _TEXT | {"enum": ["asc", "desc"], "default": "asc"}
    if each.kind in ("bool", "exists"):
        return {"type": "boolean"}
    return {"type": "array", "items": _TEXT} if variable.endswith("[]") else _TEXT


def _parameter(name: str, place: str, text: str, schema: Payload, *, required: bool = False) -> Payload:
    return {
        "name": name,
        "in": place,
        "description": text,
        "required": required,
        "deprecated": False,
        "allowEmptyValue": name in ("page", "itemsPerPage"),
        "schema": schema,
        "style": "simple" if place == "path" else "form",
        "explode": name.endswith("[]"),
        "allowReserved": False,
    }


def _schema_name(resource: Resource, form: str, mode: str, input_: str = "") -> str:
    name = f"{resource.name}.{input_}" if input_ else resource.name
    name += ".jsonld" if form == LD else ""
    return f"{name}-{resource.group}.{mode}" if resource.group else name


def _reference(resource: Resource, form: str, mode: str, input_: str = "") -> Payload:
    return {"$ref": f"#/components/schemas/{_schema_name(resource, form, mode, input_)}"}


def _schemas(profile: Profile, resources: list[Resource]) -> Payload:
    found: Payload = {}
    for resource in sorted(resources, key=lambda each: each.name):
        for form in (JSON, LD):
            for mode in ("read", "write") if resource.group else ("read",):
                found[_schema_name(resource, form, mode)] = _schema(profile, resource, form, mode)
            if resource.path == "counterparties":
                found |= _inputs(profile, resource, form)
    return found


def _inputs(profile: Profile, resource: Resource, form: str) -> Payload:
    found = {}
    for name, input_ in _INPUTS.items():
        member = profile.merge_member if name == "merge" else "counterparties"
        named = {"minItems": 1, "type": "array", "items": _reference(resource, form, "write")}
        properties = {member: named}
        schema = {"type": "object", "description": "", "deprecated": False, "properties": properties}
        found[_schema_name(resource, form, "write", input_)] = schema
    return found


def _schema(profile: Profile, resource: Resource, form: str, mode: str) -> Payload:
    properties: Payload = {}
    if form == LD and mode == "read":
        properties |= {
            "@context": _CONTEXT,
            "@id": {"readOnly": True, **_TEXT},
            "@type": {"readOnly": True, **_TEXT},
        }
    if mode == "read" and (resource.shows_id or (profile.client_id and resource.path == "clients")):
        properties["id"] = _id_schema(profile, resource)
    for each in resource.fields:
        if mode == "read" or each.writable:
            properties[each.name] = _property(profile, each)
    found: Payload = {"type": "object", "description": "", "deprecated": False}
    required = [each.name for each in resource.fields if each.required]
    return found | ({"required": required} if required else {}) | {"properties": properties}


def _id_schema(profile: Profile, resource: Resource) -> Payload:
    if resource.key == "uuid":
        return {"type": "string"}
    text = resource.key == "code" and profile.codes_as_ids
    return {"readOnly": True, "type": "string" if text else "integer"}


def _property(profile: Profile, field: Field) -> Payload:
    if field.kind == "links":
        return {"type": "array", "items": {"type": "object"} if profile.embed_contacts else _IRI | _EXAMPLE}
    if field.kind == "json":
        return {"type": ["array", "null"]}
    if field.kind == "constant":
        return {"readOnly": True}
    kind = {"int": "integer", "bool": "boolean"}.get(field.kind, "string")
    found: Payload = {"type": [kind, "null"] if field.nullable else kind}
    if field.kind == "iri":
        return found | {"format": "iri-reference"} | _EXAMPLE
    if field.kind == "datetime":
        found["format"] = "date-time"
    if field.check:
        found["format"] = {"email": "email", "url": "uri"}[field.check]
        found["externalDocs"] = {"url": f"https://schema.org/{field.check}"}
    if field.choices:
        found["enum"] = list(field.choices)
    if field.default:
        found |= {"default": field.default, "example": field.default}
    limits = {"maxLength": field.max_length, "minimum": field.minimum}
    return found | {name: limit for name, limit in limits.items() if limit is not None}
