"""From a plan to its end: confirm it, let it go on after a step failed, and finish what is left."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.models import Job, JobState, Outcome, Step, Upstream, User, Verb
from backoffice.models.jobs import FINAL_STATES
from backoffice.resources import Record
from backoffice.services import approvals, audit, bulk, jobs
from backoffice.services.jobs import gates
from backoffice.services.merges.composing import COUNTERPARTIES, Problem, busy, told_apart, trial
from backoffice.services.merges.planning import KIND, REPAIR, VERIFY, Blocked, repair, store, verifications
from backoffice.services.operations.uses import Uses, clients_naming

KINDS = (KIND, "restore")


class Changed(Exception):
    """The records are not as the plan knows them, so it cannot go on: make a new one."""


def confirm(*, job: Job, actor: User, reason: str, at: datetime | None = None, message: str = "") -> Job:
    """Let the plan run, now or `at` a time; where the policy asks for a second person, ask one.

    Harmless on a plan that was confirmed already. Raises bulk.ReasonNeeded, and Blocked where merges went wrong,
    where this is a trial beside another one, where another merge has one of the records, or where somebody told
    the records apart since the plan.
    """
    with transaction.atomic():
        held = Job.objects.select_for_update().get(pk=job.pk)
        if held.state != JobState.PLANNED:
            return held
        if not reason.strip():
            raise bulk.ReasonNeeded
        _refuse_wrong_way(held)
        _refuse_second_trial(held)
        _refuse_busy(held)
        _refuse_told_apart(held)
        held.reason = reason.strip()
        held.scheduled_for = at if at and at > timezone.now() else None
        held.fingerprint = jobs.fingerprint_of_stored(held)
        held.save(update_fields=["reason", "scheduled_for", "fingerprint"])
        _note(held, actor, "plan.confirm")
        if approvals.needed(held):
            approvals.request(job=held, actor=actor, message=message)
            held.refresh_from_db()
            return held
    return jobs.schedule(held, held.scheduled_for) if held.scheduled_for else jobs.hand_over(held)


def finish(*, job: Job, actor: User, nonce: str, request_id: str) -> Job:
    """Go on with what is not done. A stopped job tries its failed steps again, each after reading; of one that
    ended, a new plan repairs the clients that still name a record that is gone.

    Raises Changed where a record was edited since the plan, Blocked where merges went wrong, bulk.StillRunning,
    and bulk.NothingChosen where nothing is left.
    """
    if job.final:
        return _rest(job, actor, nonce, request_id)
    with transaction.atomic():
        held = Job.objects.select_for_update().get(pk=job.pk)
        if held.state not in (JobState.STOPPED, JobState.PAUSED):
            raise bulk.StillRunning
        _refuse_wrong_way(held)
        _refuse_busy(held)
        _refuse_told_apart(held)
        stopped_by = hindrance(held)
        if stopped_by == "wrong":
            raise Blocked([Problem("wrong_way", str(_("The wrong record went. Restore it instead.")))])
        if stopped_by == "changed":
            raise Changed
        gates.reopen(gates.failed(held))
        _note(held, actor, "plan.go_on")
        return jobs.go_on(held)


def hindrance(job: Job) -> str:
    """Why a stopped job cannot be finished: "wrong" (the wrong record went), "changed" (or gone), "apart" (its
    records were told apart since), or "" where it can."""
    outcomes = set(gates.failed(job).values_list("outcome", flat=True))
    if Outcome.WRONG in outcomes:
        return "wrong"
    if not outcomes.isdisjoint((Outcome.CONFLICT, Outcome.GONE)):
        return "changed"
    return "apart" if job.kind == KIND and gates.told_apart(job) else ""


def _refuse_wrong_way(job: Job) -> None:
    if job.kind == KIND and gates.wrong_way(job):
        raise Blocked([Problem("wrong_way", str(_(gates.WRONG_WAY)))])


def _refuse_second_trial(job: Job) -> None:
    """While nobody knows what a merge does here, one is under way at a time. Within the caller's transaction."""
    if job.kind != KIND:
        return
    Upstream.objects.select_for_update().get(pk=job.upstream_id)
    resting = (*FINAL_STATES, JobState.PLANNED, JobState.STOPPED)
    if trial() and Job.objects.filter(kind=KIND).exclude(pk=job.pk).exclude(state__in=resting).exists():
        words = _("No merge was looked at here yet, and one is under way. Look at that one first.")
        raise Blocked([Problem("trial", words)])


def _refuse_busy(job: Job) -> None:
    """Of two merges of one record, one would take what the other did for its own. Within the transaction."""
    if job.kind != KIND:
        return
    Upstream.objects.select_for_update().get(pk=job.upstream_id)  # two that are confirmed at once, one by one
    keys = {key for step in _merges(job) for key in (step.key, str(step.context["into"]))}
    if problems := busy(keys, but=job):
        raise Blocked(problems)


def _refuse_told_apart(job: Job) -> None:
    if job.kind == KIND and (problems := told_apart(gates.told_apart(job))):
        raise Blocked(problems)


def _rest(job: Job, actor: User, nonce: str, request_id: str) -> Job:
    """Of a job that ended: the clients that still name what is gone, as a plan of its own."""
    if (first := jobs.find(nonce)) is not None:
        return first
    done = (Outcome.MERGED, Outcome.ALREADY)
    gone = {m.context["iri"]: m for m in _merges(job).filter(outcome__in=done) if "iri" in m.context}
    uses = clients_naming(list(gone)) if gone else Uses(known=False)
    if not uses.known or not uses.total:
        raise bulk.NothingChosen
    into = next(iter(gone.values())).context
    repairs = [
        repair(key, label, gone=step.key, old=iri, new=into["into_iri"])
        for iri, step in gone.items()
        for key, label in uses.by[iri]
    ]
    others = [Record(COUNTERPARTIES, step.key, iri, step.before or {}) for iri, step in gone.items()]
    return store(
        actor=actor,
        kind=KIND,
        title=job.title,
        phases={REPAIR: repairs, VERIFY: list(verifications(into["into"], {}, others, known=True))},
        spec={**job.spec, "gates": [], "clients": uses.total, "trial": False},
        nonce=nonce,
        request_id=request_id,
        reason=job.reason,
        made_from=job,
    )


def _merges(job: Job) -> QuerySet[Step]:
    return Step.objects.filter(phase__job=job, verb=Verb.MERGE).order_by("phase__number")


def _note(job: Job, actor: User, action: str) -> None:
    audit.append(
        action=action,
        outcome=Outcome.CALLED,
        actor=actor,
        entity=job.entity,
        label=job.title,
        action_id=job.action_id,
        job_id=job.pk,
        detail=str(approvals.rows_written(job)),
    )
