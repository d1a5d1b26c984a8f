"""Employees, to find the one that a person is."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice

from django.conf import settings
from django.core.cache import cache

from backoffice.flowtly import errors
from backoffice.resources import REGISTRY
from backoffice.services.reading.decoding import decoded
from backoffice.services.reading.labels import remember
from backoffice.services.upstream import client, current

KEEP = 10 * 60  # seconds
_MOST = 5_000


class EmployeesHidden(Exception):
    """This account may not read the employees, or this Flowtly has no such list."""


@dataclass(frozen=True)
class Employee:
    iri: str
    name: str
    email: str


def employees() -> list[Employee]:
    """All employees by name. Raises EmployeesHidden, and the client's errors where Flowtly cannot be asked."""
    name = f"employees:{current().pk}:{settings.FLOWTLY_API_URL}"
    kept: list[Employee] | None = cache.get(name)
    if kept is None:
        kept = _read()
        cache.set(name, kept, KEEP)
    return kept


def _read() -> list[Employee]:
    resource = REGISTRY["employees"]
    try:
        records = [decoded(resource, member) for member in islice(client().walk(resource.path), _MOST)]
    except (errors.NotFound, errors.RouteMissing, errors.Forbidden) as error:
        raise EmployeesHidden from error
    remember(records)
    found = [Employee(record.iri, record.label, str(record.values.get("email") or "")) for record in records]
    return sorted(found, key=lambda employee: employee.name.casefold())


def suggested(found: list[Employee], email: str) -> Employee | None:
    """The one employee with this e-mail address; None where there is none or more than one."""
    wanted = email.strip().casefold()
    same = [employee for employee in found if wanted and employee.email.strip().casefold() == wanted]
    return same[0] if len(same) == 1 else None
