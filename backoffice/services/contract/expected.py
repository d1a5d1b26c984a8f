"""The operations that we call, and what an operator would miss without each."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from backoffice.services.contract.findings import Severity

_BROKEN, _LESS = Severity.PROBLEM, Severity.WARNING


@dataclass(frozen=True)
class Operation:
    """`path` with {} for a key; `without` says what does not work where the server has it not."""

    method: str
    path: str
    without: str | Promise
    severity: Severity = _LESS

    def __str__(self) -> str:
        return f"{self.method} {self.path.replace('{}', '{id}')}"


OPERATIONS: tuple[Operation, ...] = (
    Operation("GET", "/clients", _("The list of clients stays empty."), _BROKEN),
    Operation("POST", "/clients", _("New clients cannot be created here."), _BROKEN),
    Operation("GET", "/clients/{}", _("Clients cannot be opened or edited."), _BROKEN),
    Operation("PATCH", "/clients/{}", _("Clients cannot be edited here."), _BROKEN),
    Operation("GET", "/clients/{}/documents", _("The documents of a client cannot be shown.")),
    Operation("GET", "/clients/search", _("Clients are searched in the list instead.")),
    Operation("GET", "/client-contacts", _("Contacts cannot be shown.")),
    Operation("POST", "/client-contacts", _("New contacts cannot be created here.")),
    Operation("GET", "/client-contacts/{}", _("Contacts cannot be opened or edited.")),
    Operation("PATCH", "/client-contacts/{}", _("Contacts cannot be edited or moved.")),
    Operation("DELETE", "/client-contacts/{}", _("Contacts cannot be deleted here.")),
    Operation("GET", "/client-notes", _("Notes cannot be shown.")),
    Operation("POST", "/client-notes", _("New notes cannot be written here.")),
    Operation("GET", "/client-notes/{}", _("Notes cannot be opened or edited.")),
    Operation("PATCH", "/client-notes/{}", _("Notes cannot be edited here.")),
    Operation("DELETE", "/client-notes/{}", _("Notes cannot be deleted here.")),
    Operation("GET", "/counterparties", _("The list of counterparties stays empty."), _BROKEN),
    Operation("GET", "/counterparties/{}", _("Counterparties cannot be opened or edited."), _BROKEN),
    Operation("DELETE", "/counterparties/{}", _("Counterparties cannot be deleted here.")),
    Operation(
        "POST",
        "/counterparties/{}/enrich-branding-ai",
        _("Logo and website of one counterparty cannot be looked up."),
    ),
    Operation(
        "POST",
        "/counterparties/enrich-branding-ai",
        _("Logo and website of several counterparties cannot be looked up."),
    ),
    Operation("POST", "/counterparties/{}/merge", _("Counterparties cannot be merged.")),
)
# Counterparties are written at one of two addresses; services/routes.py decides, and the check says which.
EITHER_WAY: frozenset[tuple[str, str]] = frozenset(
    {
        ("POST", "/counterparties"),
        ("PATCH", "/counterparties/{}"),
        ("POST", "/counterparty"),
        ("PATCH", "/counterparty/{}"),
    }
)
KNOWN: frozenset[tuple[str, str]] = frozenset((item.method, item.path) for item in OPERATIONS) | EITHER_WAY

# Addresses that are read although the specification does not promise them: what is missing without each.
OPTIONAL: dict[str, str | Promise] = {
    "/countries": _("Countries are offered as the values seen in records, by number."),
    "/currencies": _("Currencies are offered as the values seen in records, by number."),
    "/attribute-sets": _("Attribute sets are offered as the values seen in records, by number."),
    "/cost-groups": _("Groups of counterparties are shown as they come with the record."),
    "/employees": _("Authors of notes are shown by number."),
    "/employees/me": _("Whose token this is cannot be told; operators choose themselves as authors of notes."),
}
