"""What pages show of the approval of a plan, for each of its readers what they may do (no view stands here)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.forms.approvals import Approve, Comment, Refuse
from backoffice.models import Approval, Job, JobState
from backoffice.services import approvals
from backoffice.services.access import Permission, can
from backoffice.views.guard import SignedInRequest

PAGE = 50  # rows of a plan that one page shows
_SHORT = 12  # characters of a fingerprint
_TONES = {"open": "warn", "approved": "good", "refused": "bad"}


def panel(request: SignedInRequest, job: Job, *, filled: forms.Form | None = None) -> dict[str, Any]:
    """Context of jobs/approval.html, or nothing where nobody was ever asked.

    `filled` is the form that was sent and could not be taken; it is shown again with what was typed.
    """
    found = approvals.of(job)
    if found is None:
        return {}
    waiting = found.decision == Approval.Decision.OPEN and job.state == JobState.AWAITING
    own = approvals.is_own(request.user, job)
    draft = _draft(request, job) if waiting else {}
    decides = waiting and not own and can(request.user, Permission.APPROVE)
    return {
        "found": found,
        "waiting": waiting,
        "tone": f"status status-{_TONES.get(found.decision, 'off')}",
        "causes": [cause.text for cause in approvals.causes_of(found)],
        "short": found.fingerprint[:_SHORT],
        "out": len(found.excluded),
        "decides": decides,
        "withdraws": waiting and own,
        "deciders": [user.get_username() for user in approvals.deciders(job)] if waiting else [],
        "missed": waiting and job.scheduled_for is not None and job.scheduled_for <= timezone.now(),
        "aside": draft.get("out", []),
        "paged": found.rows > PAGE,
        "left": max(found.rows - len(draft.get("out", ())), 0),
        "forms": _forms(found, filled, draft) if decides or (waiting and own) else {},
    }


# Rows are ticked page by page; what was ticked before is kept in the approver's session, with the comment.


def keep_draft(request: SignedInRequest, job: Job, *, out: list[int], comment: str) -> None:
    request.session[_draft_key(job)] = {"out": out, "comment": comment}


def drop_draft(request: SignedInRequest, job: Job) -> None:
    request.session.pop(_draft_key(job), None)


def _draft(request: SignedInRequest, job: Job) -> dict[str, Any]:
    return dict(request.session.get(_draft_key(job), {}))


def _draft_key(job: Job) -> str:
    return f"{approvals.DRAFT}{job.pk}"


def _forms(found: Approval, filled: forms.Form | None, draft: Mapping[str, Any]) -> Mapping[str, forms.Form]:
    fresh: dict[str, forms.Form] = {
        "approve": Approve(initial={"fingerprint": found.fingerprint, **draft}, auto_id="approve_%s"),
        "refuse": Refuse(initial={"fingerprint": found.fingerprint}, auto_id="refuse_%s"),
        "comment": Comment(auto_id="comment_%s"),
    }
    kept = {name: filled for name, form in fresh.items() if type(form) is type(filled)}
    return fresh | kept


def in_words(refused: approvals.Refused) -> str:
    """Why nothing was decided, and what to do."""
    if refused.code == "decided" and refused.first:
        return _decided(refused.first)
    return {
        "role": _("Only people with the role approver decide about plans."),
        "own": _("You cannot decide about a plan of your own; somebody else has to."),
        "not_author": _("Only the person who made the plan, or asked for its approval, can withdraw it."),
        "not_waiting": _("This plan does not wait for an approval."),
        "expired": _("The request has expired and nothing was changed. Its author can make the plan again."),
        "changed": _(
            "The plan is not what approval was asked for any more, so nothing was approved. Its author can"
            " withdraw it and make a new one."
        ),
        "other": _("This page showed another plan than the one that waits. Look at it again, then decide."),
        "rows": _("Rows that were to be taken out are not in this plan. Nothing was approved; look at it again."),
        "all_out": _("No record would be left. Refuse the plan instead, and say why."),
    }[refused.code]


def _decided(first: Approval) -> str:
    words = {
        Approval.Decision.APPROVED: _("%(who)s was first and approved the plan."),
        Approval.Decision.REFUSED: _("%(who)s was first and refused the plan."),
        Approval.Decision.WITHDRAWN: _("%(who)s was first and withdrew the plan."),
    }
    return words[Approval.Decision(first.decision)] % {"who": first.decided_by}
