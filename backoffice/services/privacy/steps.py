"""Redaction of plans: what a step holds of a person, and the titles, reasons and comments of its job."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_noop

from backoffice.models import Approval, ApprovalComment, Job, Outcome, Redacted, Step, Verb
from backoffice.resources import REGISTRY
from backoffice.resources.redacted import MARK, holds_redacted
from backoffice.services.operations import OPERATIONS
from backoffice.services.privacy.person import EMPTY, Person, hosts, taken_out
from backoffice.services.privacy.rows import PARTS, each, finished, in_flight, owns_step, steps_of

SILENCED = gettext_noop("What Flowtly answered was redacted.")
# What of a step's context names nobody; the rest goes.
_NEUTRAL_CONTEXT = (
    *("known_keys", "looked", "accepted", "iri", "line", "out", "settled"),
    *("into", "into_iri", "way", "expects", "moved_from", "moved_to", "left", "new_of"),  # of merges
    *("asked", "asked_before", "later"),
)
_SENTENCES = ("given", "doubts", "warnings")  # of a context: what a preview said, which may name others
_COLUMNS = [*PARTS, "context", "error", "label", "redacted"]
_KEYED = "~"  # what a fingerprint begins with once it was made unguessable


def blocking(person: Person) -> Job | None:
    """A job that is not finished and holds this person; nothing is redacted before it has ended."""
    for step in each(steps_of(person, in_flight(Step.objects.select_related("phase__job")))):
        if owns_step(person, step) or clean(step, person):
            return step.phase.job
    return None


def find_steps(person: Person) -> int:
    return sum(clean(step, person) for step in each(steps_of(person)))


def undo_lost(person: Person) -> int:
    """How many steps could still be taken back and no longer can afterwards."""
    lost = 0
    for step in each(steps_of(person)):
        could = OPERATIONS[step.verb].inverse(step) is not None
        lost += could and clean(step, person) and OPERATIONS[step.verb].inverse(step) is None
    return lost


def redact_steps(person: Person) -> int:
    """Steps of finished jobs only: a running one is held, and written over, by its runner."""
    done = 0
    for portion in steps_of(person, finished(Step.objects.all())):
        with transaction.atomic():
            for step in portion:
                if clean(step, person):
                    step.save(update_fields=_COLUMNS)
                    done += 1
    return done


def clean(step: Step, person: Person) -> bool:
    """Take the person out of a step that is not saved here; whether there was anything to take."""
    was = [getattr(step, name) for name in _COLUMNS]
    if owns_step(person, step):
        _clean_own(step)
    elif step.verb == Verb.CALL and step.entity == person.entity:
        _clean_call(step, person)
    _clean_embedded(step, person)
    said = {name: text for name, text in step.context.items() if name in _SENTENCES}
    if said and person.said_in(json.dumps(said, ensure_ascii=False)):
        step.context = {name: value for name, value in step.context.items() if name not in _SENTENCES}
    if step.error and person.said_in(json.dumps(step.error, ensure_ascii=False)):
        step.error = silenced(step.error)
    if not step.redacted and _needs_what_is_gone(step):
        step.redacted = Redacted.PART
    return was != [getattr(step, name) for name in _COLUMNS]


def _clean_own(step: Step) -> None:
    resource = REGISTRY[step.entity]
    for part in PARTS:
        if held := getattr(step, part):
            setattr(step, part, {name: taken_out(resource, name, value) for name, value in held.items()})
    step.context = {name: value for name, value in step.context.items() if name in _NEUTRAL_CONTEXT}
    if step.error:
        step.error = _quiet(step)
    if resource.by_name[resource.label_field].personal:
        step.label = ""


def _quiet(step: Step) -> dict[str, Any]:
    """An error without values: the server's own words may repeat what was sent, ours do not."""
    resource, error = REGISTRY[step.entity], dict(step.error)
    if error.get("fields"):
        error["fields"] = {
            name: {which: taken_out(resource, name, value) for which, value in clash.items()}
            for name, clash in error["fields"].items()
        }
    if error.get("candidates"):
        error["candidates"] = [[key, key] for key, _label in error["candidates"]]
    return silenced(error) if step.outcome == Outcome.REJECTED else error


def silenced(error: dict[str, Any]) -> dict[str, Any]:
    return {
        **error,
        "message": SILENCED,
        "violations": [[path, SILENCED] for path, _text in error.get("violations", ())],
    }


def _clean_call(step: Step, person: Person) -> None:
    """A call about several records keeps what was there of each by its key."""
    assert person.resource is not None
    for part in ("before", "after"):
        held = getattr(step, part)
        if not step.key and held and person.keys & held.keys():
            setattr(step, part, {key: _of_one(person, key, value) for key, value in held.items()})


def _of_one(person: Person, key: str, held: Any) -> Any:
    if key not in person.keys or not isinstance(held, dict) or person.resource is None:
        return held
    return {name: taken_out(person.resource, name, value) for name, value in held.items()}


def _clean_embedded(step: Step, person: Person) -> None:
    within = hosts(step.entity)
    for part in (*PARTS, "context", "error"):
        if held := getattr(step, part):
            cleaned = {name: person.taken_from(value, within=within.get(name, "")) for name, value in held.items()}
            setattr(step, part, cleaned)


def _needs_what_is_gone(step: Step) -> bool:
    """Whether running or taking back this step would need a value that is a mark now."""
    if step.verb in (Verb.DELETE, Verb.MERGE):
        editable = {item.name for item in REGISTRY[step.entity].editable_fields}
        return holds_redacted([value for name, value in (step.before or step.base).items() if name in editable])
    return holds_redacted([step.base, step.changes])


def empty(step: Step) -> None:
    """Take every value out of a step; which fields it was about stays. It is not saved here."""
    if step.verb == Verb.CALL:
        step.before, step.after = {}, None
    else:
        for part in PARTS:
            held = getattr(step, part)
            if held is not None:
                setattr(step, part, {name: value if value in EMPTY else MARK for name, value in held.items()})
    step.context = {name: value for name, value in step.context.items() if name in _NEUTRAL_CONTEXT}
    step.error = silenced({"violations": (step.error or {}).get("violations", ())}) if step.error else None
    step.label, step.redacted = "", Redacted.ALL


# Jobs


def find_jobs(person: Person) -> int:
    return sum(1 for _job in _jobs(person))


def redact_jobs(person: Person) -> int:
    """Before the steps: a step without a key is told by its values."""
    done = 0
    for job, single in _jobs(person):
        _silence(job, wholly=single, person=person)
        done += 1
    return done


def _jobs(person: Person) -> Iterator[tuple[Job, bool]]:
    """Finished jobs with a step about the person that still say so, and whether they have no other step."""
    seen: set[Any] = set()
    for step in each(steps_of(person, finished(Step.objects.select_related("phase__job")))):
        job = step.phase.job
        if job.pk in seen or not (owns_step(person, step) or clean(step, person)):
            continue
        seen.add(job.pk)
        single = not Step.objects.filter(phase__job=job).exclude(pk=step.pk).exists()
        if not job.fingerprint.startswith(_KEYED) or any(_told(job, single, person)):
            yield job, single


def _told(job: Job, single: bool, person: Person) -> Iterator[bool]:
    said = (text for rows, column in _said(job) for text in rows.values_list(column, flat=True))
    spec = json.dumps(job.spec, ensure_ascii=False) if job.spec else ""
    for text in (job.title, job.reason, *said):
        yield bool(text) and (single or person.said_in(text))
    yield bool(spec) and person.said_in(spec)


def _said(job: Job) -> list[tuple[QuerySet[Any], str]]:
    """What people said about a plan while it waited: the rows, and the column that holds it."""
    approvals = Approval.objects.filter(job=job)
    return [
        (approvals.exclude(comment=""), "comment"),
        (approvals.exclude(message=""), "message"),
        (ApprovalComment.objects.filter(approval__job=job).exclude(text=""), "text"),
    ]


def quiet_spec(spec: dict[str, Any]) -> dict[str, Any]:
    """Of what a plan was asked for: where its records came from, without scope, values and searches."""
    kind = spec.get("source", {}).get("kind")
    return {"source": {"kind": kind}} if kind else {}


def silence_comments(job: Job) -> None:
    """Whatever was said about a plan goes; who said something, and when, stays."""
    for rows, column in _said(job):
        rows.update(**{column: ""})


def _silence(job: Job, *, wholly: bool, person: Person) -> None:
    with transaction.atomic():
        for rows, column in _said(job):
            told = [pk for pk, text in rows.values_list("pk", column) if wholly or person.said_in(text)]
            rows.filter(pk__in=told).update(**{column: ""})
        job.title = "" if wholly or person.said_in(job.title) else job.title
        job.reason = "" if wholly or person.said_in(job.reason) else job.reason
        if person.said_in(json.dumps(job.spec, ensure_ascii=False)):
            job.spec = quiet_spec(job.spec)
        make_unguessable(job)
        job.save(update_fields=["title", "reason", "spec"])


def make_unguessable(job: Job) -> None:
    """A plain hash of a plan that holds one phone number can be guessed; one made with the audit key cannot.

    Job and approvals that had the same fingerprint have the same again.
    """
    tables: list[QuerySet[Any]] = [Job.objects.filter(pk=job.pk), Approval.objects.filter(job=job)]
    for rows in tables:
        for old in rows.exclude(fingerprint__startswith=_KEYED).values_list("fingerprint", flat=True):
            mac = hmac.new(settings.AUDIT_KEY.encode(), old.encode(), hashlib.sha256).hexdigest()
            rows.filter(fingerprint=old).update(fingerprint=(_KEYED + mac)[:64])
