"""Which employee of Flowtly a person is: asked once, before the first note. No view stands here."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from backoffice.forms.resume import kept_fields
from backoffice.models import User
from backoffice.services import reading
from backoffice.views.guard import SignedInRequest
from backoffice.views.shared import show

CHOICE = "link_employee"


def hidden_in_words() -> str:
    return _(
        "Flowtly does not let the account of this back office read its employees, so no author can be named and "
        "no note can be written from here. Ask an administrator for that right in Flowtly."
    )


def employee_page(
    request: SignedInRequest,
    *,
    action: str,
    next_url: str = "",
    kept: QueryDict | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """Asks who the person is. `action` takes the answer; `kept` is what was typed and is sent along again."""
    try:
        found, hidden = reading.employees(), False
    except reading.EmployeesHidden:
        found, hidden = [], True
    guess = reading.suggested(found, request.user.email)
    chosen = request.user.employee or (guess.iri if guess else "")
    context = {
        "action": action,
        "next": next_url,
        "kept": {name: held for name, held in kept_fields(kept).items() if name != CHOICE} if kept else {},
        "employees": found,
        "chosen": chosen,
        "guess": guess if guess and not request.user.employee else None,
        "hidden": hidden_in_words() if hidden else "",
        "problem": problem,
        "field": CHOICE,
        "back_url": next_url or reverse("preferences"),
    }
    return show(request, "account/employee.html", context, status=status)


def link_employee(user: User, iri: str) -> bool:
    """Keep the choice; False where Flowtly has no such employee. Raises EmployeesHidden."""
    if iri not in {employee.iri for employee in reading.employees()}:
        return False
    user.employee = iri
    user.save(update_fields=["employee"])
    return True
