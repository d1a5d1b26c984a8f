"""What the last connection check found, for admins, and a button to check again."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from backoffice.services import contract, merges
from backoffice.services.access import Permission
from backoffice.services.contract import Severity
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import SeeOther, check_class, show


@requires(Permission.ADMIN)
@require_http_methods(["GET", "HEAD", "POST"])
def connection(request: SignedInRequest) -> HttpResponse:
    """GET shows what is kept and asks Flowtly nothing; POST checks, some dozen reads, and shows that."""
    if request.method == "POST":
        contract.run()
        messages.success(request, _("Checked just now."))
        return SeeOther(reverse("connection"))
    report = contract.last()
    context = {
        "report": report,
        "sections": contract.sections(report) if report else [],
        "summary": contract.summary(report) if report else "",
        "tones": {severity.value: check_class(severity) for severity in Severity},
        "names": _names(),
        "wrong_job": merges.wrong_job(),
    }
    return show(request, "connection.html", context)


def _names() -> dict[str, str]:
    return {
        Severity.OK.value: _("Fine"),
        Severity.NOTE.value: _("Note"),
        Severity.WARNING.value: _("Warning"),
        Severity.PROBLEM.value: _("Problem"),
    }
