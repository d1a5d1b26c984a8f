"""A sheet that comes back, and records selected by their numbers."""

from __future__ import annotations

import io
import uuid

from django.contrib import messages
from django.http import FileResponse, Http404, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from backoffice.formats import words
from backoffice.forms.transfer import PasteForm, SheetForm
from backoffice.models import SheetUpload
from backoffice.resources import PAGES, Resource
from backoffice.services import bulk, selections, sheets, transfer
from backoffice.services.access import Permission
from backoffice.services.selections import TooMany
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.sending import table_answer
from backoffice.views.shared import SeeOther, show

_SHOWN = 200  # problems, and lines that named nobody; the rest is counted


@requires(Permission.BULK)
@require_http_methods(["GET", "HEAD", "POST"])
def sheet(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Takes a sheet for editing back; what was found in it has a page. A refused one leaves nothing here."""
    form = SheetForm(request)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            found = transfer.read(actor=request.user, resource=resource, file=file)
        except transfer.Refused as refused:
            for sentence in refused.sentences:
                form.add_error("file", sentence)
        else:
            upload = transfer.keep(found, file_name=file.name or "")
            return SeeOther(reverse("sheet_found", args=[upload.pk]))
    status = 422 if form.is_bound else 200
    return show(request, "transfer/sheet.html", {"resource": resource, "form": form}, status=status)


@requires(Permission.BULK)
@require_safe
def sheet_found(request: SignedInRequest, upload_id: uuid.UUID) -> HttpResponse:
    """What an upload holds, before anything is planned."""
    upload = _own(request, upload_id)
    lines = transfer.lines_of(upload)
    alike = [line for line in lines if line.alike]
    context = {
        "resource": PAGES[upload.sheet.entity],
        "upload": upload,
        "problems": upload.problems[:_SHOWN],
        "problems_left": max(0, len(upload.problems) - _SHOWN),
        "bad_rows": sum(bool(line.problems) for line in lines),
        "changed": sum(bool(line.key and line.changes) for line in lines),
        "alike": alike[:_SHOWN],
        "alike_left": max(0, len(alike) - _SHOWN),
    }
    return show(request, "transfer/found.html", context)


@requires(Permission.BULK)
@require_safe
def sheet_problems(request: SignedInRequest, upload_id: uuid.UUID) -> FileResponse:
    """All problems as a file."""
    upload = _own(request, upload_id)
    heads = [_("Row"), _("Column"), _("Field"), _("Problem")]
    columns = [
        sheets.Column(head, sheets.Kind.TEXT if at else sheets.Kind.NUMBER) for at, head in enumerate(heads)
    ]
    held = io.BytesIO()
    sheets.write_xlsx(held, columns, upload.problems, title=_("Problems"))
    return table_answer(held, _("problems"))


@requires(Permission.BULK)
@require_POST
def sheet_plan(request: SignedInRequest, upload_id: uuid.UUID) -> HttpResponse:
    """Makes the plan, once for each upload, and leads to its preview."""
    upload = _own(request, upload_id)
    try:
        job = transfer.plan(upload, actor=request.user, request_id=request.id)
    except bulk.NothingChosen:
        messages.info(request, _("Nothing was changed in this sheet."))
        return SeeOther(reverse("sheet_found", args=[upload.pk]))
    return SeeOther(reverse("job", args=[job.pk]))


def _own(request: SignedInRequest, upload_id: uuid.UUID) -> SheetUpload:
    upload = transfer.kept(owner=request.user, upload_id=upload_id)
    if upload is None or upload.sheet.entity not in PAGES:
        raise Http404
    return upload


@requires(Permission.READ)
@require_http_methods(["GET", "HEAD", "POST"])
def paste(request: SignedInRequest, resource: Resource) -> HttpResponse:
    """Adds the records that are named to the selection; what named none stays to be corrected."""
    form = PasteForm(request)
    context = {"resource": resource, "form": form, "most": words.integer(transfer.MOST_LINES)}
    if request.method != "POST" or not form.is_valid() or not (terms := _terms(form)):
        return show(request, "transfer/paste.html", context, status=422 if form.is_bound else 200)
    try:
        found = transfer.add(owner=request.user, resource=resource, terms=terms)
    except TooMany:
        most = words.integer(selections.MOST)
        form.add_error(None, _("A selection holds at most %(most)s records. Nothing was added.") % {"most": most})
        return show(request, "transfer/paste.html", context, status=422)
    if found.keys:
        messages.success(request, _added(len(found.keys)))
    if not found.missed:
        return SeeOther(reverse("list", args=[resource]))
    context |= {
        "missed": found.missed[:_SHOWN],
        "missed_all": len(found.missed),
        "missed_left": max(0, len(found.missed) - _SHOWN),
        "terms_left": "\n".join(each.term for each in found.missed),
    }
    return show(request, "transfer/paste.html", context, status=422)


def _added(number: int) -> str:
    text = ngettext("%(number)s record is selected.", "%(number)s records are selected.", number)
    return text % {"number": words.integer(number)}


def _terms(form: PasteForm) -> list[str]:
    """What was typed and what the file holds; none where the form now says why."""
    terms = transfer.terms_in(form.cleaned_data["terms"])
    try:
        if form.cleaned_data["file"] is not None:
            terms = list(dict.fromkeys([*terms, *transfer.terms_of_file(form.cleaned_data["file"])]))
    except transfer.Refused as refused:
        for sentence in refused.sentences:
            form.add_error("file", sentence)
        return []
    if not terms:
        form.add_error("terms", _("Write or paste at least one number, or choose a file."))
    if len(terms) > transfer.MOST_LINES:
        most = words.integer(transfer.MOST_LINES)
        form.add_error("terms", _("These are more than %(most)s. Take them in parts.") % {"most": most})
        return []
    return terms
