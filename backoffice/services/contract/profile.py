"""How this Flowtly speaks: prefix, envelope, errors, page size, filters, search, relations, addresses."""

from __future__ import annotations

from collections.abc import Iterator
from http import HTTPStatus
from typing import Any

from django.conf import settings

from backoffice.flowtly import FlowtlyError, Glance, errors, hydra
from backoffice.resources import PAGES, REGISTRY, Kind, Resource
from backoffice.services import reading, routes
from backoffice.services.contract.connection import reason_of
from backoffice.services.contract.expected import OPTIONAL
from backoffice.services.contract.findings import Finding, Severity, listed
from backoffice.services.upstream import client

_LIST = "/clients"
_ONE = f"{_LIST}?itemsPerPage=1&page=1"
_NOBODY = f"{_LIST}/0"  # a record that cannot be


def envelope() -> Iterator[Finding]:
    """The envelope of a list, and the prefix of the IRIs in it."""
    value = client().glance(_ONE).value
    if isinstance(value, list):
        yield Finding("envelope_bare", Severity.WARNING)
    elif isinstance(value, dict):
        yield Finding("envelope_prefixed" if "hydra:member" in value else "envelope_plain", Severity.OK)
    yield _prefix(value)


def _prefix(value: Any) -> Finding:
    ours = client().base.prefix
    members = [*hydra.decode_collection(value).members, {}]
    iri = members[0].get("@id") or (value.get("@id") if isinstance(value, dict) else None)
    if isinstance(iri, str) and iri.startswith("/") and _LIST in iri and iri.partition(_LIST)[0] != ours:
        values = {"ours": ours or "/", "theirs": iri.partition(_LIST)[0] or "/"}
        return Finding("prefix_differs", Severity.WARNING, values)
    return Finding("prefix", Severity.OK, {"prefix": ours}) if ours else Finding("prefix_none", Severity.OK)


def error_style() -> Iterator[Finding]:
    """How it says no, by asking for a record that cannot be."""
    seen = client().glance(_NOBODY)
    if seen.status == HTTPStatus.OK:
        return
    style = _style_of(seen)
    yield Finding(f"errors_{style}", Severity.NOTE if style == "other" else Severity.OK)
    if not seen.routed:
        yield Finding("errors_ambiguous", Severity.WARNING)


def _style_of(seen: Glance) -> str:
    if not isinstance(seen.value, dict):
        return "other"
    if "problem" in seen.content_type or "detail" in seen.value:
        return "problem"
    return "legacy" if "hydra:description" in seen.value else "other"


def page_size() -> Iterator[Finding]:
    """What was asked for and what came; a list shorter than asked for is judged by a page of one."""
    asked = settings.FLOWTLY_PAGE_SIZE
    page, one = client().page(_LIST), client().page(_LIST, page_size=1)
    got, values = len(page.members), {"asked": str(asked), "got": str(len(page.members))}
    if page.total is None:
        yield Finding("page_total_missing", Severity.NOTE)
    if len(one.members) > 1:
        yield Finding("page_size_ignored", Severity.NOTE, values)
    elif got < asked and page.total is not None and got < page.total:
        yield Finding("page_size_capped", Severity.NOTE, values)
    elif got > 1:
        yield Finding("page_size_kept", Severity.OK, values)
    else:
        yield Finding("page_size_unknown", Severity.OK)


def lists() -> Iterator[Finding]:
    """The filters and sorts of each list with pages of its own, and the search."""
    for resource in PAGES.values():
        try:
            able = reading.capabilities(resource, fresh=True)
        except FlowtlyError as error:
            yield Finding("list_unread", Severity.WARNING, {"entity": resource.slug, "reason": reason_of(error)})
            continue
        values = {"entity": resource.slug, "filters": listed(able.filters), "sorts": listed(able.sorts)}
        declared = able.filters | able.sorts
        yield Finding("list_can" if declared else "list_silent", Severity.OK, values)
        lacking = sorted({*resource.list_filter} - able.filters)
        if lacking:
            yield Finding("list_cannot", Severity.NOTE, {"entity": resource.slug, "filters": listed(lacking)})
        if resource.search_path:
            yield _search(resource, able)


def _search(resource: Resource, able: reading.Capabilities) -> Finding:
    values = {"path": resource.search_path, "parameter": able.search_param or settings.FLOWTLY_SEARCH_PARAM}
    if not able.search:
        return Finding("search_none", Severity.NOTE, values)
    return Finding(
        "search_declared" if able.search_param in able.found.others else "search_proved", Severity.OK, values
    )


def relations() -> Iterator[Finding]:
    """Whether related records come as addresses or whole, by the records of one page."""
    members = client().page(_LIST, page_size=10).members
    fields = [item.name for item in REGISTRY["clients"].fields if item.kind is Kind.REFERENCE]
    whole = {name for name in fields for member in members if isinstance(member.get(name), dict)}
    contacts = [each for member in members for each in _items(member.get("clientContacts"))]
    if any(isinstance(each, dict) for each in contacts):
        whole.add("clientContacts")
    if members:
        yield (
            Finding("relations_whole", Severity.OK, {"fields": listed(whole)})
            if whole
            else Finding("relations_iris", Severity.OK)
        )


def _items(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def addresses() -> Iterator[Finding]:
    """Which of the addresses that nobody promised are there, and which of our lists are not."""
    there = []
    for path in dict.fromkeys([*OPTIONAL, *(item.path for item in REGISTRY.values())]):
        try:
            client().read(path, {"itemsPerPage": 1, "page": 1})
        except (errors.NotFound, errors.RouteMissing):
            yield Finding("address_missing", _gravity(path), {"path": path})
        except errors.Forbidden:
            yield Finding("address_forbidden", _gravity(path), {"path": path})
        except FlowtlyError as error:
            yield Finding("address_failing", Severity.WARNING, {"path": path, "reason": reason_of(error)})
        else:
            there.append(path)
    yield Finding("addresses_there", Severity.OK, {"paths": listed(there)})


def _gravity(path: str) -> Severity:
    return Severity.NOTE if path in OPTIONAL else Severity.WARNING


def counterparties(form: routes.Form) -> Iterator[Finding]:
    """Which of the two addresses of counterparties is in use, and why."""
    used = routes.in_use() if settings.FLOWTLY_COUNTERPARTY_PATHS != "auto" else form
    if form is routes.Form.NEITHER:
        yield Finding("write_neither", Severity.WARNING)
    elif settings.FLOWTLY_COUNTERPARTY_PATHS != "auto":
        against = form is not routes.Form.UNKNOWN and form is not used and used is not _always_there(form)
        yield Finding("write_set", Severity.OK, {"form": used.value})
        if against:
            yield Finding("write_set_against", Severity.WARNING, {"form": used.value, "found": form.value})
    elif form is routes.Form.UNKNOWN:
        yield Finding("write_unknown", Severity.NOTE, {"form": routes.in_use().value})
    else:
        yield Finding(f"write_{form.value}", Severity.OK if form is routes.Form.PLURAL else Severity.NOTE)


def _always_there(form: routes.Form) -> routes.Form | None:
    """With the plural found, the singular may be routed as well: setting it is no mistake that we can see."""
    return routes.Form.SINGULAR if form is routes.Form.PLURAL else None
