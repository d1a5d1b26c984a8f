"""What a save came to, said to the operator: one answer for each outcome. No views here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.forms.basis import Basis
from backoffice.forms.problems import problems_of
from backoffice.models import Job, Outcome, Step
from backoffice.resources import Resource
from backoffice.services import undoing
from backoffice.templatetags.ui import detail_url, plain
from backoffice.views.guard import SignedInRequest
from backoffice.views.records.gone import gone_page
from backoffice.views.records.parts import origin
from backoffice.views.records.submission import Submission
from backoffice.views.shared import SeeOther, names_for, show

FormPage = Callable[..., HttpResponse]
_NAMED = 3  # changed fields that a message spells out
_LONGEST = 60  # characters of a value in a message


def answer(request: SignedInRequest, job: Job, submission: Submission, form_page: FormPage) -> HttpResponse:
    """A page or a redirect for the outcome of a save. `form_page` draws the form again."""
    step, form = job.step, submission.form
    resource, basis = form.resource, form.basis
    outcome = step.outcome if step else ""
    if step is None or outcome in ("", Outcome.UNKNOWN):
        return SeeOther(reverse("job", args=[job.pk]))
    if outcome in (Outcome.CHANGED, Outcome.CREATED, Outcome.ALREADY):
        _say(request, job, step, resource)
        return SeeOther(origin(request, resource) or detail_url(resource, step.key))
    if outcome == Outcome.CONFLICT:
        return conflict_page(request, step, submission)
    if outcome == Outcome.GONE:
        return gone_page(request, resource, step.key)
    again = submission.on(basis.again())
    if outcome == Outcome.REJECTED:
        again.explain(problems_of(step.error))
        return form_page(request, again, submission=submission, status=422)
    said = str((step.error or {}).get("message") or "")
    message = _(said) if said else _("Nothing was saved; it is safe to try again.")
    return form_page(request, again, submission=submission, problem=message, status=503)


def nothing_changed(request: SignedInRequest, resource: Resource, basis: Basis) -> HttpResponse:
    """No call was made: every field holds what it held. An empty new record goes back to its form."""
    messages.info(request, _("Nothing was changed, so nothing was saved."))
    if not basis.key:
        return SeeOther(reverse("create", args=[resource]))
    return SeeOther(origin(request, resource) or detail_url(resource, basis.key))


def _say(request: SignedInRequest, job: Job, step: Step, resource: Resource) -> None:
    """A toast that names what changed, with the way to take it back."""
    if step.outcome == Outcome.ALREADY:
        messages.info(request, _("Flowtly held these values already; nothing had to be saved."))
    elif step.outcome == Outcome.CREATED:
        messages.success(request, _("%(name)s was created.") % {"name": step.label})
    else:
        text = _("%(name)s was saved. %(changes)s") % {"name": step.label, "changes": _in_words(step, resource)}
        undo = format_html('<a href="{}">{}</a>', reverse("job_undo", args=[job.pk]), _("Undo"))
        able = undoing.undoable(job) and undoing.may_undo(request.user, job)
        messages.success(request, format_html("{} {}", text, undo) if able else text)


def _in_words(step: Step, resource: Resource) -> str:
    """`Due days 14 → 30; City empty → Aarhus`, and how many more."""
    before, after = step.before or {}, step.after or step.changes
    fields = [resource.by_name[name] for name in step.changes]
    names = names_for(fields, [before, after])
    parts = []
    for item in fields[:_NAMED]:
        old, new = (plain(item, held.get(item.name), names)[:_LONGEST] or _("empty") for held in (before, after))
        parts.append(f"{item.label} {old} → {new}")
    if (more := len(fields) - _NAMED) > 0:
        parts.append(ngettext("%(n)s more field", "%(n)s more fields", more) % {"n": more})
    return "; ".join(parts)


def conflict_page(request: SignedInRequest, step: Step, submission: Submission) -> HttpResponse:
    """Was, theirs, yours, field by field. What is chosen is posted to the form's address, on what is there now."""
    form, clashes = submission.form, (step.error or {}).get("fields", {})
    resource = form.resource
    basis = form.basis.moved_to({name: clash["theirs"] for name, clash in clashes.items()})
    fields = [resource.by_name[name] for name in clashes]
    held: list[dict[str, Any]] = [
        {name: clash.get(which) for name, clash in clashes.items()} for which in ("base", "theirs", "yours")
    ]
    others = [(resource.by_name[name], value) for name, value in form.changes.items() if name not in clashes]
    context = {
        "resource": resource,
        "key": step.key,
        "label": step.label,
        "rows": [(item, *(values[item.name] for values in held)) for item in fields],
        "others": others,
        "names": names_for([*fields, *(item for item, _value in others)], [*held, form.changes]),
        "base": basis.signed(),
        "texts": form.texts(),
        "keep": submission.keep,
        "confirmed": submission.confirmed,
    }
    return show(request, "records/conflict.html", context, status=409)
