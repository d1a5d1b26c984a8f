"""Refusals: raised as `Problem`, told in the words of the server version that is being played."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Literal

from .profiles import Profile

Payload = dict[str, Any]
TITLE = "An error occurred"
NOT_BLANK = "c1051bb4-d103-4f74-8988-acbcafc7fdc3"
NOT_NULL = "ad32d13f-c3d4-423b-909a-857b961eb720"
NOT_AN_EMAIL = "bd79c0ab-ddba-46cc-a703-a7a4b08de310"
NOT_A_URL = "57c2f299-1154-4870-89bb-ef3b1f5ad229"
NO_SUCH_CHOICE = "8e179f1b-97aa-4560-a02f-2a8b42e49df7"
NOT_UNIQUE = "23bd9dbf-6b9b-41cd-a99e-4844bcf3077f"
TOO_FEW = "bef8e338-6ae5-4caf-b8e2-50e7b0579e69"
TOO_LONG = "d94b19cc-114f-4f44-9cc4-4138e80a87b9"
TOO_SMALL = "ea4e51d1-3342-48bd-87f1-9e672cd90cad"
WRONG_TYPE = "ba785a8c-82cb-4283-967c-3cf342181b40"


@dataclass(frozen=True)
class Violation:
    path: str
    message: str
    code: str
    hint: str | None = None

    def told(self) -> Payload:
        told = {"propertyPath": self.path, "message": self.message, "code": self.code}
        return told | ({"hint": self.hint} if self.hint is not None else {})


@dataclass
class Problem(Exception):
    """An answer that is not the one hoped for.

    `layer` says who answers: the API itself; the router, which knows nothing of the API's error format;
    or the token check, with a format of its own.
    """

    status: int
    detail: str
    headers: Mapping[str, str] = field(default_factory=dict)
    layer: Literal["api", "router", "token"] = "api"

    def __str__(self) -> str:
        return f"{self.status}: {self.detail}"


class Invalid(Problem):
    """422 with a list of violations."""

    def __init__(self, violations: Sequence[Violation]) -> None:
        super().__init__(422, "\n".join(f"{each.path}: {each.message}" for each in violations))
        self.violations = tuple(violations)

    @property
    def type(self) -> str:
        codes = [each.code for each in self.violations]
        several = ";".join(f"{number}={code}" for number, code in enumerate(codes))
        return f"/validation_errors/{codes[0] if len(codes) == 1 else several}"


def bad_request(detail: str) -> Problem:
    return Problem(400, detail)


def not_found() -> Problem:
    return Problem(404, "Not Found")


@dataclass(frozen=True)
class Told:
    """A problem in wire form; `location` is the path that 3.4 puts in Content-Location, or nothing."""

    content_type: str
    payload: Payload
    location: str = ""
    hydra_link: bool = False


def tell(problem: Problem, profile: Profile, *, as_ld: bool) -> Told:
    if problem.layer == "token":
        return Told("application/json", {"code": problem.status, "message": problem.detail})
    if problem.layer == "router":
        return _from_the_router(problem, profile, as_ld=as_ld)
    if profile.errors == "legacy":
        return _legacy(problem, profile, as_ld=as_ld)
    kind = problem.type if isinstance(problem, Invalid) else f"/errors/{problem.status}"
    core: Payload = {"title": TITLE, "detail": problem.detail, "status": problem.status, "type": kind}
    if isinstance(problem, Invalid):
        core["violations"] = [each.told() for each in problem.violations]
    if as_ld:
        core = _ld(core, problem, profile)
    return Told("application/problem+json; charset=utf-8", core, profile.prefix + kind, hydra_link=as_ld)


def _ld(core: Payload, problem: Problem, profile: Profile) -> Payload:
    name = "ConstraintViolationList" if isinstance(problem, Invalid) else "Error"
    plain_type = "Error" if profile.modern and not profile.hydra_prefix else "hydra:Error"
    told: Payload = {
        "@id": profile.prefix + core["type"],
        "@type": name if name != "Error" else plain_type,
        **core,
        "description": problem.detail,
    }
    if profile.hydra_prefix:
        told |= {"hydra:description": problem.detail, "hydra:title": TITLE}
    if not profile.modern:
        return told
    if profile.hydra_prefix:
        del told["title"], told["description"]
    return {"@context": f"{profile.prefix}/contexts/{name}", **told}


def _legacy(problem: Problem, profile: Profile, *, as_ld: bool) -> Told:
    violations: Payload = {}
    if isinstance(problem, Invalid):
        violations = {"violations": [each.told() for each in problem.violations]}
    if not as_ld:
        told = {"type": "https://tools.ietf.org/html/rfc2616#section-10", "title": TITLE}
        return Told("application/problem+json; charset=utf-8", told | {"detail": problem.detail} | violations)
    name = "ConstraintViolationList" if violations else "Error"
    told = {
        "@context": f"{profile.prefix}/contexts/{name}",
        "@type": name if violations else "hydra:Error",
        "hydra:title": TITLE,
        "hydra:description": problem.detail,
    }
    return Told("application/ld+json; charset=utf-8", told | violations)


def _from_the_router(problem: Problem, profile: Profile, *, as_ld: bool) -> Told:
    content_type = "application/ld+json" if as_ld else "application/json"
    if as_ld and not profile.modern:
        told = {"@context": f"{profile.prefix}/contexts/Error", "@type": "hydra:Error", "hydra:title": TITLE}
        return Told(content_type, told | {"hydra:description": problem.detail})
    told = {"type": "https://tools.ietf.org/html/rfc2616#section-10", "title": TITLE}
    status = {"status": problem.status, "detail": HTTPStatus(problem.status).phrase}
    return Told(content_type, told | status)
