"""Duplicates: what a scan found, what people said about it, and what is left of that to be looked at.

Pairs (`Likeness`) and people's words (`Verdict`) are kept; groups are made of the two and can be made anew at any
time. Keys are those of Flowtly; of a pair, `a` stands before `b` as texts do.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection
from typing import Any

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ScanState(models.TextChoices):
    WAITING = "waiting", _("Waiting")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


class ScanStage(models.TextChoices):
    """`read`: the records are read from Flowtly; `compare`: they are compared; `store`: what was found is kept."""

    READ = "read", _("Reading the records")
    COMPARE = "compare", _("Comparing")
    STORE = "store", _("Putting the groups together")


class Scan(models.Model):
    """One comparison of all records of an entity. The latest that is done is the one in force: its `statistics`
    (matching.Statistics as JSON) are those under which single records are looked at until the next.

    `asked_by` is None where the worker found it due. `done` of `total` tell how far the `stage` is; `total` is 0
    where nobody knows. `candidates`: pairs that were scored; `pairs`: those above the threshold. `context` is what
    else the records were read under (services/duplicates/records.py) and `fit` the rules and weights they were
    compared by (matching.weights.mark). `problem`: name of what went wrong.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entity = models.CharField(max_length=50)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="scans"
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    state = models.CharField(max_length=10, choices=ScanState, default=ScanState.WAITING)
    stage = models.CharField(max_length=10, choices=ScanStage, blank=True)
    done = models.PositiveIntegerField(default=0)
    total = models.PositiveIntegerField(default=0)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    records = models.PositiveIntegerField(default=0)
    candidates = models.PositiveBigIntegerField(default=0)
    pairs = models.PositiveIntegerField(default=0)
    statistics = models.TextField(blank=True, editable=False)
    context: models.JSONField[Any] = models.JSONField(default=dict, editable=False)
    fit = models.CharField(max_length=16, blank=True)
    problem = models.CharField(max_length=50, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    request_id = models.CharField(max_length=64, blank=True)
    lease_owner = models.CharField(max_length=80, blank=True)
    lease_until = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at"]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="scan_state"),
            models.Index(fields=["entity", "state", "-finished_at"], name="scan_in_force"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["entity"], condition=models.Q(state__in=("waiting", "running")), name="one_scan_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.state}"

    @property
    def going_on(self) -> bool:
        return self.state in (ScanState.WAITING, ScanState.RUNNING)


class Compared(models.Model):
    """One record as it was last compared: another `fingerprint` (matching.fingerprint) means that it is due.

    `digest` is that of its row of the index then: while it is the same, so is the fingerprint.
    """

    entity = models.CharField(max_length=50)
    key = models.CharField(max_length=200)
    fingerprint = models.CharField(max_length=32)
    digest = models.CharField(max_length=32, blank=True, default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "key"], name="compared_once")]

    def __str__(self) -> str:
        return f"{self.entity} {self.key}"


class Block(models.Model):
    """One blocking key (`code`, 32 bits) of one record, so that those which share it are found by the database."""

    entity = models.CharField(max_length=50)
    code = models.BigIntegerField()
    key = models.CharField(max_length=200)

    class Meta:
        indexes = [
            models.Index(fields=["entity", "code"], name="block_code"),
            models.Index(fields=["entity", "key"], name="block_key"),
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.key}"


class Likeness(models.Model):
    """Two records that look like one. `score` in hundredths of log-odds; `added_by` said by hand that they are to
    be looked at together, where no score does (then it may be below the threshold, and no scan takes it away).
    """

    entity = models.CharField(max_length=50)
    a = models.CharField(max_length=200)
    b = models.CharField(max_length=200)
    score = models.IntegerField()
    tier = models.CharField(max_length=6, blank=True)
    found_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["entity", "b"], name="likeness_b")]
        constraints = [models.UniqueConstraint(fields=["entity", "a", "b"], name="one_likeness_per_pair")]

    def __str__(self) -> str:
        return f"{self.entity} {self.a} {self.b}"


class VerdictKind(models.TextChoices):
    """`same`: to be merged (of clients: duplicates); `separate`: not duplicates; `related`: branch, parent and the
    like; `apart`: only not to be shown together (dropped or split off); `later`: not now."""

    SAME = "same", _("Duplicates")
    SEPARATE = "separate", _("Not duplicates")
    RELATED = "related", _("Related but separate")
    APART = "apart", _("Taken apart")
    LATER = "later", _("Later")


# Said of two records that they are not the same.
TOLD_APART = frozenset({VerdictKind.SEPARATE, VerdictKind.RELATED})


class VerdictQuerySet(models.QuerySet["Verdict"]):
    def open(self) -> VerdictQuerySet:
        """Those that hold, apart from `until`."""
        return self.filter(withdrawn_at=None, lapsed_at=None, carried_to=None)

    def telling_apart(self, entity: str, keys: Collection[str]) -> VerdictQuerySet:
        """Those that hold and say of two of these records that they are not the same."""
        return self.open().filter(entity=entity, kind__in=TOLD_APART, a__in=keys, b__in=keys)


class Verdict(models.Model):
    """What somebody said about one pair. Those given at once share `act`; of a pair the newest `open` one holds.

    `digests_a` and `digests_b` map identifying fields (those of matching.Record) to salted digests of what they
    held, so that it can be said which one changed. A verdict ends in one of three ways: `withdrawn_at` it was
    taken back by somebody; `lapsed_at` an identifying field changed (`lapsed_fields`, of the record `lapsed_key`);
    `carried_to` names the verdict that stands for it since a merge changed the number of one of the two.
    `until`: when `later` is over, None where only a change ends it.
    """

    entity = models.CharField(max_length=50)
    a = models.CharField(max_length=200)
    b = models.CharField(max_length=200)
    label_a = models.CharField(max_length=500, blank=True)
    label_b = models.CharField(max_length=500, blank=True)
    kind = models.CharField(max_length=10, choices=VerdictKind)
    reason = models.TextField(blank=True)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="verdicts")
    at = models.DateTimeField()
    act = models.UUIDField(db_index=True)
    until = models.DateTimeField(null=True)
    salt = models.CharField(max_length=32)
    digests_a: models.JSONField[Any] = models.JSONField(default=dict)
    digests_b: models.JSONField[Any] = models.JSONField(default=dict)
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="verdicts_withdrawn"
    )
    lapsed_at = models.DateTimeField(null=True)
    lapsed_key = models.CharField(max_length=200, blank=True)
    lapsed_fields: models.JSONField[Any] = models.JSONField(default=list)
    carried_to = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="carried_from")

    objects = VerdictQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["entity", "a"], name="verdict_a"),
            models.Index(fields=["entity", "b"], name="verdict_b"),
        ]

    def __str__(self) -> str:
        return f"{self.entity} {self.a} {self.b} {self.kind}"

    @property
    def open(self) -> bool:
        """Whether it holds (apart from `until`)."""
        return self.withdrawn_at is None and self.lapsed_at is None and self.carried_to_id is None


class GroupState(models.TextChoices):
    OPEN = "open", _("To be looked at")
    LATER = "later", _("Later")
    DECIDED = "decided", _("To be merged")


class DuplicateGroup(models.Model):
    """A card of the queue: records that look like one and that nobody has told apart. Made anew whenever pairs or
    verdicts change; it keeps its row, and so its address, as long as its members are the same.

    `score`: the highest of its pairs, in hundredths. `tier`: "sure" where its members hang together by sure pairs
    alone. `uses`: clients whose default cost its members are, by the index; None where that cannot be told.
    `apart`: why a pair stands by itself (matching.Group.apart, or "verdict"). `returned`: fields whose change
    brought a pair of it back. `holder` has it in hand until `held_until`.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    entity = models.CharField(max_length=50)
    state = models.CharField(max_length=10, choices=GroupState, default=GroupState.OPEN)
    score = models.IntegerField()
    tier = models.CharField(max_length=6)
    size = models.PositiveSmallIntegerField()
    uses = models.PositiveIntegerField(null=True)
    apart = models.CharField(max_length=10, blank=True)
    returned: models.JSONField[Any] = models.JSONField(default=list)
    found_at = models.DateTimeField()
    holder = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    held_until = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["entity", "state", "-score", "-uses", "id"], name="group_order")]

    def __str__(self) -> str:
        return str(self.pk)

    @property
    def others(self) -> int:
        """How many there are beside one of its members."""
        return self.size - 1


class GroupMember(models.Model):
    """One record of a group, with what the queue filters by, as of the index when the group was made.

    `type`: the value of the field "type", "" where the entity has none. `search`: as IndexRow.search.
    """

    group = models.ForeignKey(DuplicateGroup, on_delete=models.CASCADE, related_name="members")
    key = models.CharField(max_length=200)
    label = models.CharField(max_length=500)
    type = models.CharField(max_length=100, blank=True)
    has_logo = models.BooleanField(default=False)
    uses = models.PositiveIntegerField(null=True)
    search = models.TextField()

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["key"], name="group_member_key")]
        constraints = [models.UniqueConstraint(fields=["group", "key"], name="once_in_a_group")]

    def __str__(self) -> str:
        return self.label
