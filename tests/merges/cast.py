"""What the tests of merges have in common: three records of one firm, and clients that name them."""

from __future__ import annotations

import itertools
import uuid
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import requests
from django.utils import timezone

from backoffice.models import DuplicateGroup, GroupMember, Job, Likeness, Step, User, Verdict, VerdictKind
from backoffice.sandbox.server import SandboxServer
from backoffice.services import jobs, merges
from backoffice.services.duplicates.said import pair_of

KEEPS, FIRST, SECOND = "12", "15", "18"
OF_KEEPS, OF_FIRST, OF_SECOND, OTHERS = (1, 2), (3, 4, 5), (6, 7), (8,)
FIRM: dict[str, Any] = {
    "displayName": "Hansen El",
    "type": "supplier",
    "requireAttachment": False,
    "cyclic": False,
    "budgetNeutral": False,
    "logoUrl": None,
    "corporateWebsiteUrl": None,
}


def iri(sandbox: SandboxServer, key: str) -> str:
    return f"{sandbox.profile.prefix}/counterparties/{key}"


def stage(sandbox: SandboxServer) -> None:
    """Clients 1-2 name the one that stays, 3-5 and 6-7 those that go; nobody else does. The log forgets."""
    kind = (sandbox.row("counterparties", KEEPS) or {})["type"]
    for key, name in ((KEEPS, "Hansen El A/S"), (FIRST, "Hansen El"), (SECOND, "HANSEN EL")):
        sandbox.patch_row("counterparties", key, {**FIRM, "type": kind, "displayName": name})
    wanted = {
        **dict.fromkeys(OF_KEEPS, KEEPS),
        **dict.fromkeys(OF_FIRST, FIRST),
        **dict.fromkeys(OF_SECOND, SECOND),
    }
    for client in range(1, 121):
        sandbox.patch_row("clients", client, {"defaultCost": int(wanted.get(client, "1"))})
    sandbox.clear_log()


def planned(user: User, *, gone: Iterable[str] = (FIRST, SECOND), **more: Any) -> Job:
    options: dict[str, Any] = {"changes": {}, "nonce": uuid.uuid4().hex, "request_id": "r", "reason": "One firm"}
    return merges.plan(actor=user, survivor=KEEPS, gone=list(gone), **options | more)


def run(job: Job, user: User) -> Job:
    merges.confirm(job=job, actor=user, reason="One firm")
    return again(job)


def again(job: Job) -> Job:
    job.refresh_from_db()
    jobs.run(job)
    job.refresh_from_db()
    return job


def finished(job: Job, user: User) -> Job:
    return again(merges.finish(job=job, actor=user, nonce=uuid.uuid4().hex, request_id="r"))


def restored(job: Job, user: User) -> Job:
    return merges.restore(job=job, actor=user, nonce=uuid.uuid4().hex, request_id="r")


def step(job: Job, verb: str, key: str) -> Step:
    found = Step.objects.filter(phase__job=job, verb=verb, key=key).exclude(phase__name__in=("check", "verify"))
    return found.get()


def outcome(job: Job, verb: str, key: str) -> str:
    return str(step(job, verb, key).outcome)


def there(sandbox: SandboxServer, key: str) -> bool:
    return sandbox.row("counterparties", key) is not None


def naming(sandbox: SandboxServer, key: str) -> list[int]:
    """The clients that name a counterparty."""
    rows = ((n, (sandbox.row("clients", n) or {}).get("defaultCost")) for n in range(1, 121))
    return [n for n, held in rows if str(held) == str(key)]


def merge_calls(sandbox: SandboxServer) -> Counter[str]:
    """How often each record was to be merged away, by the address in the body."""
    calls = [each for each in sandbox.requests if each["method"] == "POST" and each["path"].endswith("/merge")]
    return Counter(str((each["body"] or {}).get("counterparties")) for each in calls)


def merged_elsewhere(sandbox: SandboxServer, gone: str, into: str) -> None:
    """Somebody merges two records in Flowtly itself."""
    body = {"counterparties": [iri(sandbox, gone)]}
    url, token = f"{sandbox.url}{iri(sandbox, into)}/merge", {"Authorization": "Bearer demo-token"}
    assert requests.post(url, json=body, headers=token, timeout=10).status_code == 201


def writes(sandbox: SandboxServer) -> list[tuple[str, str]]:
    return [(each["method"], each["path"]) for each in sandbox.requests if each["method"] != "GET"]


def counted(job: Job) -> Mapping[str, int]:
    """The references of a job, whose parts make the whole."""
    found = merges.references(job)
    assert found.planned == found.moved + found.failed + found.left
    return {"flowtly": found.by_flowtly, "us": found.by_us, "failed": found.failed, "left": found.left}


def sure_group(
    *keys: str, tier: str = "sure", scores: Sequence[int] = (), entity: str = "counterparties"
) -> DuplicateGroup:
    """A group of the queue whose records hang together one by one."""
    now = timezone.now()
    scores = scores or [1200] * (len(keys) - 1)
    group = DuplicateGroup.objects.create(
        entity=entity, score=max(scores), tier=tier, size=len(keys), found_at=now
    )
    for key in keys:
        GroupMember.objects.create(group=group, key=key, label=key, search=key)
    for (a, b), score in zip(itertools.pairwise(keys), scores, strict=True):
        Likeness.objects.create(entity=entity, a=a, b=b, score=score, tier=tier, found_at=now)
    return group


def told_apart(user: User, one: str, other: str, **more: Any) -> Verdict:
    """Somebody says of two records that they are not one firm."""
    a, b = pair_of(one, other)
    said = {"kind": VerdictKind.SEPARATE, "reason": "Other owners", "by": user, "at": timezone.now()} | more
    labels = {"label_a": f"Firm {a}", "label_b": f"Firm {b}"}
    return Verdict.objects.create(
        **{"entity": "counterparties", "a": a, "b": b, "act": uuid.uuid4(), **labels, **said}
    )
