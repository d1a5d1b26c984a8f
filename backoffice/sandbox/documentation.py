"""What the API says about itself: the entry point, contexts, the Hydra documentation and the OpenAPI document."""

from __future__ import annotations

from . import answers, openapi
from .calls import Call, Reply
from .problems import Problem, not_found
from .schema import RESOURCES, Resource
from .wire import Payload


def entrypoint(call: Call) -> Reply:
    prefix = call.profile.prefix
    payload = {"@context": f"{prefix}/contexts/Entrypoint", "@id": f"{prefix}/", "@type": "Entrypoint"}
    for each in RESOURCES:
        if "collection" in each.operations:
            payload[each.name[0].lower() + each.name[1:]] = f"{prefix}/{each.path}"
    return Reply(200, payload)


def context(call: Call) -> Reply:
    known = {each.name: each for each in RESOURCES}
    if call.key not in (*known, "Entrypoint", "Error", "ConstraintViolationList"):
        raise not_found()
    terms: Payload = {
        "@vocab": f"{call.request.host_url.rstrip('/')}{call.profile.prefix}/docs.jsonld#",
        "hydra": "http://www.w3.org/ns/hydra/core#",
    }
    if resource := known.get(call.key or ""):
        terms |= {each.name: _term(resource, each.name, each.kind) for each in resource.fields}
    return Reply(200, {"@context": terms})


def _term(resource: Resource, name: str, kind: str) -> str | dict[str, str]:
    term = f"{resource.name}/{name}"
    return {"@id": term, "@type": "@id"} if kind in ("iri", "links") else term


def docs(call: Call) -> Reply:
    """/docs in the format that the suffix or the Accept header asks for."""
    path = call.request.path
    accepted = call.request.accept_mimetypes
    if path.endswith(".jsonopenapi") or (path.endswith(".json") and not call.profile.modern):
        return Reply(200, openapi.document(call.profile), content_type=answers.OPENAPI)
    if (
        path.endswith("/docs")
        and accepted
        and accepted.best_match([answers.LD, answers.OPENAPI]) == answers.OPENAPI
    ):
        return Reply(200, openapi.document(call.profile), content_type=answers.OPENAPI)
    if path.endswith(("/docs", ".jsonld")):
        return Reply(200, _hydra(call), content_type=answers.LD)
    raise Problem(404, f'Format "{path.rpartition(".")[2]}" is not supported')


def _hydra(call: Call) -> Payload:
    h = "hydra:" if call.profile.hydra_prefix else ""
    classes = [
        {
            "@id": f"#{each.name}",
            "@type": f"{h}Class",
            f"{h}title": each.name,
            f"{h}supportedProperty": [
                {
                    "@type": f"{h}SupportedProperty",
                    f"{h}title": field.name,
                    f"{h}required": field.required,
                    f"{h}readable": True,
                    f"{h}writeable": field.writable,
                }
                for field in each.fields
            ],
        }
        for each in RESOURCES
    ]
    prefix = call.profile.prefix
    return {
        "@context": f"{prefix}/contexts/ApiDocumentation",
        "@id": f"{prefix}/docs.jsonld",
        "@type": f"{h}ApiDocumentation",
        f"{h}title": "Sandbox",
        f"{h}entrypoint": f"{prefix}/",
        f"{h}supportedClass": classes,
    }
