"""Deleting one record: what will be lost is shown first, and a full copy is kept."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backoffice.flowtly import errors
from backoffice.forms.basis import Basis, UnusableBasis
from backoffice.forms.records import with_rest
from backoffice.models import Job, Outcome
from backoffice.resources import Resource
from backoffice.services import edits, reading, references, undoing
from backoffice.services.access import Permission
from backoffice.services.references import Referring
from backoffice.templatetags.ui import detail_url
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.records.gone import gone_page
from backoffice.views.records.parts import origin
from backoffice.views.shared import SeeOther, names_of_records, show, unknown_names


@requires(Permission.DELETE)
@require_http_methods(["GET", "HEAD", "POST"])
def delete(request: SignedInRequest, resource: Resource, key: str) -> HttpResponse:
    """Asks, naming all that is lost and who refers to it; then deletes exactly what was shown."""
    if not resource.deletable:
        raise Http404
    try:
        return _run(request, resource, key) if request.method == "POST" else _ask(request, resource, key)
    except errors.NotFound:
        return gone_page(request, resource, key)


def _ask(
    request: SignedInRequest,
    resource: Resource,
    key: str,
    *,
    problem: str = "",
    changed: tuple[str, ...] = (),
    status: int = 200,
) -> HttpResponse:
    record = reading.get_record(resource=resource, key=key)
    referrers = references.referrers_of(record)
    names = names_of_records([record], resource.fields)
    context: dict[str, Any] = {
        "resource": resource,
        "key": key,
        "label": record.label,
        "panels": [
            (fieldset, [(item, record.values.get(item.name)) for item in resource.fields_of(fieldset)])
            for fieldset in with_rest(resource)
        ],
        "other": sorted(record.other.items()),
        "names": names,
        "unknown": unknown_names(resource.fields, [record.values], names),
        "referrers": [
            (
                each,
                [(one.label, detail_url(each.found.resource, one.key)) for one in each.found.records],
                _whole(each),
            )
            for each in referrers
        ],
        "base": Basis.of_all(record).signed(),
        "problem": problem,
        "changed": [resource.by_name[name].label for name in changed if name in resource.by_name],
        "back_url": origin(request, resource) or detail_url(resource, key),
    }
    return show(request, "records/delete.html", context, status=status)


def _whole(referring: Referring) -> str:
    """The list of all that refer to it."""
    found = referring.found
    query = urlencode({found.field.name: referring.iri}, safe="/")
    return f"{reverse('list', args=[found.resource])}?{query}"


def _run(request: SignedInRequest, resource: Resource, key: str) -> HttpResponse:
    try:
        basis = Basis.read(request.POST.get("base", ""), resource=resource, key=key)
    except UnusableBasis:
        problem = _("This page had lost its own data. Nothing was deleted; look again, then delete.")
        return _ask(request, resource, key, problem=problem, status=422)
    job = edits.delete(
        actor=request.user,
        resource=resource,
        key=key,
        label=basis.label,
        base=basis.values,
        nonce=basis.nonce,
        request_id=request.id,
    )
    return _answer(request, resource, key, job)


def _answer(request: SignedInRequest, resource: Resource, key: str, job: Job) -> HttpResponse:
    step = job.step
    outcome = step.outcome if step else ""
    if step is None or outcome in ("", Outcome.UNKNOWN):
        return SeeOther(reverse("job", args=[job.pk]))
    if outcome == Outcome.DELETED:
        _say(request, job, step.label)
        return SeeOther(origin(request, resource) or reverse("job", args=[job.pk]))
    if outcome == Outcome.GONE:
        return gone_page(request, resource, key)
    error = step.error or {}
    if outcome == Outcome.CONFLICT:
        problem = _("It was changed elsewhere since you looked. Nothing was deleted; look again, then decide.")
        return _ask(request, resource, key, problem=problem, changed=tuple(error.get("fields", ())), status=409)
    status = 422 if outcome == Outcome.REJECTED else 503
    said = str(error.get("message") or "")
    message = _(said) if said else _("Nothing was deleted.")
    if outcome == Outcome.REJECTED:
        message = _("Flowtly refuses to delete it: %(reason)s") % {"reason": message}
    return _refused(request, resource, key, job, message, status)


def _refused(
    request: SignedInRequest, resource: Resource, key: str, job: Job, message: str, status: int
) -> HttpResponse:
    """The question again with the reason; where the record cannot be read now, the job's page says it."""
    try:
        return _ask(request, resource, key, problem=message, status=status)
    except errors.NotFound:
        raise
    except errors.FlowtlyError:
        return SeeOther(reverse("job", args=[job.pk]))


def _say(request: SignedInRequest, job: Job, label: str) -> None:
    text = _("%(name)s was deleted. A full copy is kept.") % {"name": label}
    link = format_html('<a href="{}">{}</a>', reverse("job_undo", args=[job.pk]), _("Create again from the copy"))
    able = undoing.undoable(job) and undoing.may_undo(request.user, job)
    messages.success(request, format_html("{} {}", text, link) if able else text)
