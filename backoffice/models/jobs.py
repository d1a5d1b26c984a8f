"""Every write is a plan: a Job of ordered Phases, each a set of Steps that may run in any order."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

FORMAT_VERSION = 1


class JobState(models.TextChoices):
    """Where a job stands. Only a job with a live lease is `running`."""

    PLANNED = "planned", _("Planned")
    AWAITING = "awaiting", _("Awaiting approval")
    SCHEDULED = "scheduled", _("Scheduled")
    RUNNING = "running", _("Running")
    PAUSED = "paused", _("Paused")
    STOPPED = "stopped", _("Stopped")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    REFUSED = "refused", _("Refused")
    WITHDRAWN = "withdrawn", _("Withdrawn")
    EXPIRED = "expired", _("Expired")


FINAL_STATES = frozenset({JobState.DONE, JobState.FAILED, JobState.REFUSED, JobState.WITHDRAWN, JobState.EXPIRED})


class StepState(models.TextChoices):
    """`writing` is stored before the call and `settling` when its answer was lost."""

    PLANNED = "planned", _("Planned")
    WRITING = "writing", _("Writing")
    SETTLING = "settling", _("Being checked")
    DONE = "done", _("Done")


class Outcome(models.TextChoices):
    NONE = "", _("Not yet")
    CHANGED = "changed", _("Changed")
    CREATED = "created", _("Created")
    DELETED = "deleted", _("Deleted")
    CALLED = "called", _("Done")
    MERGED = "merged", _("Merged")
    ALREADY = "already", _("Already so")
    CONFLICT = "conflict", _("Changed elsewhere")
    REJECTED = "rejected", _("Refused by Flowtly")
    GONE = "gone", _("Gone")
    NOT_WRITTEN = "not_written", _("Not saved")
    UNKNOWN = "unknown", _("Unknown")
    NOT_REACHED = "not_reached", _("Not reached")
    EXCLUDED = "excluded", _("Left out")
    WRONG = "wrong", _("The wrong record went")


class Forecast(models.TextChoices):
    """What a preview says that a step would do. `edited`: the record no longer holds what the plan is based on."""

    NONE = "", _("Not looked at yet")
    CHANGE = "change", _("Will change")
    CREATE = "create", _("New record")
    DELETE = "delete", _("Will be deleted")
    ALREADY = "already", _("Already so")
    EDITED = "edited", _("Edited since")
    INVALID = "invalid", _("Not valid")
    NOT_PERMITTED = "not_permitted", _("Not permitted")
    GONE = "gone", _("Gone")


# What counts as work that was carried out and can be undone.
WRITTEN = frozenset({Outcome.CHANGED, Outcome.CREATED, Outcome.DELETED, Outcome.CALLED, Outcome.MERGED})


class Redacted(models.TextChoices):
    """What redaction took out of a step. `part`: something is missing that taking it back would need."""

    NO = "", _("Nothing")
    PART = "part", _("Part of it")
    ALL = "all", _("Everything")


class Verb(models.TextChoices):
    CREATE = "create", _("Create")
    UPDATE = "update", _("Change")
    DELETE = "delete", _("Delete")
    CALL = "call", _("Call")
    MERGE = "merge", _("Merge")
    COMPARE = "compare", _("Look")


class Job(models.Model):
    """A plan and what became of it.

    `nonce` is unique, so that the same form submitted twice finds the first job. `action_id` groups the audit
    entries of one user action. A job of one step is held by its lease (`lease_owner`, `lease_until`), a longer one
    by its runners; where both have lapsed nobody runs it, and the next worker takes it up. `woken_at`: a worker
    was asked to and has not come yet. `put_off_until`: nothing can be done before, because answers are being
    checked or because Flowtly could not be reached, `setbacks` times in a row. `pace` is rows per second lately.

    A plan of many is stored before it is previewed: `spec` says what was asked for ({"scope": words, "source":
    where the records come from, "operations": what is done to each}), `previewed_at` when its steps were last
    read and judged, `problem` why they could not be. `made_from` is the job whose failed or conflicting rows it
    takes up again. Where `spec` has "gates", names of phases, nothing is begun after such a phase in which a step
    was not achieved (services/jobs/gates.py).
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    upstream = models.ForeignKey("backoffice.Upstream", on_delete=models.PROTECT)
    kind = models.CharField(max_length=30)
    entity = models.CharField(max_length=50)
    title = models.CharField(max_length=300)
    reason = models.TextField(blank=True)
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="jobs")
    nonce = models.CharField(max_length=64, unique=True)
    action_id = models.UUIDField(default=uuid.uuid4, editable=False)
    fingerprint = models.CharField(max_length=64)
    format_version = models.PositiveSmallIntegerField(default=FORMAT_VERSION)
    state = models.CharField(max_length=12, choices=JobState, default=JobState.PLANNED)
    undo_of = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="undone_by")
    made_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="led_to")
    spec: models.JSONField[Any] = models.JSONField(default=dict)
    problem = models.TextField(blank=True)
    created_at = models.DateTimeField(auto_now_add=True)
    previewed_at = models.DateTimeField(null=True, blank=True)
    scheduled_for = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    woken_at = models.DateTimeField(null=True, blank=True, editable=False)
    put_off_until = models.DateTimeField(null=True, blank=True, editable=False)
    setbacks = models.PositiveSmallIntegerField(default=0, editable=False)
    pace = models.FloatField(default=0, editable=False)
    # When the values of its steps had been kept long enough and were taken out (services/privacy/retention.py).
    emptied_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]
        indexes = [
            models.Index(fields=["state", "lease_until"]),
            models.Index(fields=["emptied_at", "created_at"]),
        ]

    def __str__(self) -> str:
        return self.named

    @property
    def named(self) -> str:
        """The title, or a word in its place once it was redacted."""
        return self.title or str(_("Redacted job"))

    @property
    def final(self) -> bool:
        return self.state in FINAL_STATES

    @property
    def step(self) -> Step | None:
        """The one step of a single edit; the first of a longer job."""
        return Step.objects.filter(phase__job=self).order_by("phase__number", "number").first()


class Phase(models.Model):
    """Phases run one after the other; a phase begins when every step of the one before is done."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="phases")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=50)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["job", "number"], name="one_phase_per_number")]

    def __str__(self) -> str:
        return f"{self.number} {self.name}"


class Step(models.Model):
    """One remote operation.

    `base`: the fields that will be sent, as the operator saw them. `changes`: what will be sent. `before`: the
    whole record as read right before the write. `after`: the whole record as observed afterwards. All four map
    field names to values as the Resource decodes them; where one was redacted, the mark of resources/redacted.py
    stands. `error`: {"message", "violations": [[path, message]]},
    or for a conflict {"fields": {name: theirs}}. `runner` has the step in hand (Runner.owner), "" where nobody
    has. `due_at`: not to be looked at before.
    """

    phase = models.ForeignKey(Phase, on_delete=models.CASCADE, related_name="steps")
    number = models.PositiveIntegerField()
    verb = models.CharField(max_length=10, choices=Verb)
    entity = models.CharField(max_length=50)
    key = models.CharField(max_length=200, blank=True)
    label = models.CharField(max_length=500, blank=True)
    base: models.JSONField[Any] = models.JSONField(default=dict)
    changes: models.JSONField[Any] = models.JSONField(default=dict)
    before: models.JSONField[Any] = models.JSONField(null=True, blank=True)
    after: models.JSONField[Any] = models.JSONField(null=True, blank=True)
    context: models.JSONField[Any] = models.JSONField(default=dict)
    forecast = models.CharField(max_length=13, choices=Forecast, default=Forecast.NONE, blank=True)
    state = models.CharField(max_length=10, choices=StepState, default=StepState.PLANNED)
    outcome = models.CharField(max_length=12, choices=Outcome, default=Outcome.NONE, blank=True)
    error: models.JSONField[Any] = models.JSONField(null=True, blank=True)
    request_id = models.CharField(max_length=64, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField(null=True, blank=True)
    written_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    runner = models.CharField(max_length=80, blank=True, default="", editable=False)
    redacted = models.CharField(max_length=4, choices=Redacted, default=Redacted.NO, blank=True, editable=False)

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["phase", "number"], name="one_step_per_number")]
        indexes = [
            models.Index(fields=["entity", "key"]),
            models.Index(fields=["state", "due_at"]),
            # Taking the next rows of a long job, and counting its outcomes, without reading the rows before.
            models.Index(fields=["phase", "state", "outcome", "number"], name="step_next"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} {self.entity} {self.key}"


class Runner(models.Model):
    """One process at work on one job of several steps; it is alive until `lease_until`, renewed by its
    heartbeat.

    `hands`: steps that it has in hand; `done`: steps that it ended since `began_at`.
    """

    owner = models.CharField(primary_key=True, max_length=80)
    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="runners")
    began_at = models.DateTimeField(auto_now_add=True)
    lease_until = models.DateTimeField()
    hands = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.owner


class Approval(models.Model):
    """A second person's word on one fingerprint of one plan.

    `requested_by` asked for it, with a `message`. `causes`: why a second person was needed when it was asked for
    (services/approvals.py), `rows`: how many would be written. `comment`: what was said with the decision, for a
    refusal its reason. `excluded`: [{"step": number, "key": record}] of the rows that the approver took out.
    """

    class Decision(models.TextChoices):
        OPEN = "open", _("Open")
        APPROVED = "approved", _("Approved")
        REFUSED = "refused", _("Refused")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        EXPIRED = "expired", _("Expired")

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="approvals")
    fingerprint = models.CharField(max_length=64)
    decision = models.CharField(max_length=10, choices=Decision, default=Decision.OPEN)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="approvals_asked_for"
    )
    requested_at = models.DateTimeField(auto_now_add=True)
    message = models.TextField(blank=True)
    causes: models.JSONField[Any] = models.JSONField(default=list)
    rows = models.PositiveIntegerField(default=0)
    expires_at = models.DateTimeField()
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="approvals"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)
    excluded: models.JSONField[Any] = models.JSONField(default=list)

    class Meta:
        indexes = [models.Index(fields=["decision", "expires_at"], name="approval_due")]
        constraints = [
            models.UniqueConstraint(
                fields=["job"], condition=models.Q(decision="open"), name="one_open_approval_per_job"
            )
        ]


class ApprovalComment(models.Model):
    """What was said about a plan while it waited."""

    approval = models.ForeignKey(Approval, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)
    text = models.TextField()

    class Meta:
        ordering = ["at", "pk"]
