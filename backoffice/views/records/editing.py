"""Creating and editing one record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from backoffice.flowtly import errors
from backoffice.formats.taxnumbers import check, split
from backoffice.forms.basis import Basis
from backoffice.forms.records import RecordForm
from backoffice.resources import Kind, Resource
from backoffice.resources.rules import tax_country
from backoffice.services import edits, reading
from backoffice.services.access import Permission
from backoffice.templatetags.ui import detail_url
from backoffice.views.authorship import CHOICE, employee_page, hidden_in_words, link_employee
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.gone import gone_page
from backoffice.views.records.outcomes import answer, nothing_changed
from backoffice.views.records.parts import begun_with, origin
from backoffice.views.records.submission import Submission, form_on
from backoffice.views.shared import names_for, show

INVALID = 422
CONFLICT = 409


@requires(Permission.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """A new record; one that has an author asks first who the person is, where that is not known."""
    if resource.author_field and not request.user.employee and (asked := _ask_author(request, resource)):
        return asked
    if request.method == "POST":
        return _submit(request, resource, "")
    basis = Basis.of_nothing(resource, _authored(request, resource))
    return form_page(request, form_on(resource, basis, initial=begun_with(request, resource)))


def _authored(request: SignedInRequest, resource: Resource) -> dict[str, str]:
    return {resource.author_field.name: request.user.employee} if resource.author_field else {}


def _ask_author(request: SignedInRequest, resource: Resource) -> HttpResponse | None:
    """The page that asks, with what was typed kept; None once it is answered."""
    here = request.get_full_path()
    if request.method != "POST":
        return employee_page(request, action=reverse("employee"), next_url=here)
    try:
        if (chosen := request.POST.get(CHOICE, "")) and link_employee(request.user, chosen):
            return None
        reading.employees()
    except reading.EmployeesHidden:
        submission = Submission.read(request, resource, "")
        return form_page(
            request, submission.form, submission=submission, problem=hidden_in_words(), status=CONFLICT
        )
    return employee_page(request, action=here, kept=request.POST, status=CONFLICT)


@requires(Permission.EDIT)
@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: SignedInRequest, resource: Resource, key: str) -> HttpResponse:
    """One record's form; saving needs no second read of ours, the job reads before it writes."""
    try:
        if request.method == "POST":
            return _submit(request, resource, key)
        record = reading.get_record(resource=resource, key=key)
    except errors.NotFound:
        return gone_page(request, resource, key)
    return form_page(request, form_on(resource, Basis.of_record(record)))


def _submit(request: SignedInRequest, resource: Resource, key: str) -> HttpResponse:
    submission = Submission.read(request, resource, key)
    form, basis = submission.form, submission.form.basis
    if not submission.is_ready():
        status = 200 if submission.splitting else INVALID
        return form_page(request, form, submission=submission, status=status)
    if not form.changes:
        return nothing_changed(request, resource, basis)
    common: dict[str, Any] = {
        "actor": request.user,
        "resource": resource,
        "nonce": submission.nonce(),
        "request_id": request.id,
    }
    if basis.creating:
        job = edits.create(values=form.changes | _authored(request, resource), **common)
    else:
        job = edits.save(key=key, label=basis.label, base=basis.values, changes=form.changes, **common)
    return answer(request, job, submission, form_page)


def form_page(
    request: SignedInRequest,
    form: RecordForm,
    *,
    submission: Submission | None = None,
    problem: str = "",
    status: int = 200,
) -> HttpResponse:
    """The form as a page. `problem` says why nothing was saved where no field is to blame."""
    resource, basis = form.resource, form.basis
    back = reverse("list", args=[resource]) if basis.creating else detail_url(resource, basis.key)
    authors = [resource.author_field] if resource.author_field else []
    context = {
        "resource": resource,
        "form": form,
        "sections": list(form.sections()),
        "base": basis.signed(),
        "key": basis.key,
        "label": basis.label,
        "creating": basis.creating,
        "title": _title(resource, basis),
        "back_url": origin(request, resource) or back,
        "problem": problem,
        "names": names_for(authors, [basis.values]),
        "tax_fields": {item.name for item in resource.fields if item.kind is Kind.TAX_ID},
        "submission": submission,
        "alike": submission.alike if submission else [],
        "alike_from": _compared_inputs(resource),
        "offers": submission.open_offers if submission else {},
        "doubts": submission.open_doubts if submission else {},
    }
    return show(request, "records/form.html", context, status=status)


def _compared_inputs(resource: Resource) -> str:
    """When to look for records that look like what is typed (for `hx-trigger`); "" where they are not compared."""
    compared = [item for item in resource.editable_fields if item.matchable]
    name = next((item.name for item in compared if item.matchable == "name"), None)
    others = [f"change from:#id_{item.name}" for item in compared if item.name != name]
    return ", ".join([f"input changed delay:400ms from:#id_{name}", *others]) if name else ""


def _title(resource: Resource, basis: Basis) -> str:
    if basis.creating:
        return _("New %(entity)s") % {"entity": resource.label}
    return _("Edit %(name)s") % {"name": basis.label}


@requires(Permission.EDIT)
@require_POST
def check_tax(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Advice on one tax number as soon as it is typed: the country it carries, a check digit that does not fit."""
    name = request.POST.get("check", "")
    item = resource.by_name.get(name)
    text = request.POST.get(name, "").strip()
    context: dict[str, Any] = {"name": name, "offer": None, "doubt": "", "early": True}
    if item is not None and item.kind is Kind.TAX_ID and text:
        context["offer"] = split(text)
        context["doubt"] = "" if context["offer"] else _doubt(resource, text, request.POST)
    return show(request, "records/hint.html", context)


def _doubt(resource: Resource, number: str, posted: Mapping[str, Any]) -> str:
    return check(number, tax_country(resource, posted, reading.codes("countries")))
