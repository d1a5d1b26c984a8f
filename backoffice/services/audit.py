"""The audit trail: append, verify, redact.

Each entry's MAC is HMAC-SHA256 over its own facts, the digests of its values and the MAC before it. The key is
outside the database (BACKOFFICE_AUDIT_KEY). A value's digest is the salted hash of the value, so that redaction
can drop value and salt while the chain still verifies. At intervals an anchor (number and MAC) goes to the log and
to `audit-anchors.log` in the data folder: whoever can rewrite the whole database still cannot rewrite those.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import structlog
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from backoffice.models import AuditEntry, AuditHead, User
from backoffice.models.audit import AuditQuerySet

log = structlog.get_logger("backoffice.audit")
GENESIS = "0" * 64


@dataclass(frozen=True)
class Finding:
    """One thing that does not verify: `what` is altered, removed, cut_off, forged or misplaced."""

    seq: int
    what: str
    detail: str


@dataclass(frozen=True)
class New:
    """An entry to be written; `changes` maps a field to (before, after).

    Names of records and people stand in salted values, never in `detail`.
    """

    action: str
    outcome: str
    actor: User | None = None
    actor_name: str = ""
    entity: str = ""
    key: str = ""
    label: str = ""
    request_id: str = ""
    action_id: uuid.UUID | None = None
    job_id: uuid.UUID | None = None
    detail: str = ""
    changes: Mapping[str, tuple[Any, Any]] = field(default_factory=dict)


def append(
    *,
    action: str,
    outcome: str,
    actor: User | None = None,
    actor_name: str = "",
    entity: str = "",
    key: str = "",
    label: str = "",
    request_id: str = "",
    action_id: uuid.UUID | None = None,
    job_id: uuid.UUID | None = None,
    detail: str = "",
    changes: Mapping[str, tuple[Any, Any]] | None = None,
) -> AuditEntry:
    """Write one entry at the end of the chain; see New."""
    new = New(
        action=action,
        outcome=outcome,
        actor=actor,
        actor_name=actor_name,
        entity=entity,
        key=key,
        label=label,
        request_id=request_id,
        action_id=action_id,
        job_id=job_id,
        detail=detail,
        changes=changes or {},
    )
    entries = append_all([new])
    anchor_due(entries)
    return entries[0]


def append_all(news: Sequence[New]) -> list[AuditEntry]:
    """Write these at the end of the chain, in order; the caller calls `anchor_due` once they are kept."""
    if not news:
        return []
    salted = [_salted(new.label, new.changes) for new in news]
    with transaction.atomic():
        head = _locked_head()
        entries = []
        for new, (values, digests) in zip(news, salted, strict=True):
            entry = _entry(new, head, values, digests)
            head.seq, head.mac = entry.seq, entry.mac
            entries.append(entry)
        # The one way past AuditQuerySet.bulk_create: these are chained.
        super(AuditQuerySet, AuditEntry.objects.all()).bulk_create(entries)
        head.save(update_fields=["seq", "mac"])
    return entries


def _entry(new: New, head: AuditHead, values: dict[str, Any], digests: dict[str, str]) -> AuditEntry:
    entry = AuditEntry(
        seq=head.seq + 1,
        at=timezone.now(),
        actor=new.actor,
        actor_name=new.actor_name or (new.actor.get_username() if new.actor else ""),
        action=new.action,
        outcome=new.outcome,
        entity=new.entity,
        key=new.key,
        request_id=new.request_id,
        action_id=new.action_id or uuid.uuid4(),
        job_id=new.job_id,
        detail=new.detail[:300],
        values=values,
        digests=digests,
        previous_mac=head.mac,
    )
    entry.mac = _mac(entry)
    return entry


def anchor_due(entries: Iterable[AuditEntry]) -> None:
    """Write an anchor for those of these entries that are due one."""
    for entry in entries:
        if entry.seq % settings.AUDIT_ANCHOR_EVERY == 1 or settings.AUDIT_ANCHOR_EVERY == 1:
            anchor(entry.seq, entry.mac)


def _salted(label: str, changes: Mapping[str, tuple[Any, Any]]) -> tuple[dict[str, Any], dict[str, str]]:
    flat: dict[str, Any] = {"label": label} if label else {}
    for name, (before, after) in changes.items():
        flat[f"{name}.before"], flat[f"{name}.after"] = before, after
    values = {path: {"value": value, "salt": secrets.token_hex(16)} for path, value in flat.items()}
    return values, {path: _digest(item["value"], item["salt"]) for path, item in values.items()}


def _canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def _digest(value: Any, salt: str) -> str:
    return hashlib.sha256(salt.encode() + _canonical(value)).hexdigest()


def _mac(entry: AuditEntry) -> str:
    facts = [
        entry.seq,
        entry.at.astimezone(UTC).isoformat(timespec="microseconds"),
        entry.actor_id,
        entry.actor_name,
        entry.action,
        entry.outcome,
        entry.entity,
        entry.key,
        entry.request_id,
        str(entry.action_id),
        str(entry.job_id or ""),
        entry.detail,
        entry.digests,
        entry.previous_mac,
    ]
    return hmac.new(settings.AUDIT_KEY.encode(), _canonical(facts), hashlib.sha256).hexdigest()


def _locked_head() -> AuditHead:
    """The end of the chain, held until the transaction ends; writers queue here."""
    AuditHead.objects.get_or_create(pk=1)
    return AuditHead.objects.select_for_update().get(pk=1)


# Anchors


def anchor_file() -> Path:
    return Path(settings.DATA_DIR) / "audit-anchors.log"


def anchor(seq: int, mac: str) -> None:
    """Write the state of the chain where the database cannot reach it: the log, and a file beside the data."""
    log.info("audit anchor", seq=seq, mac=mac)
    with anchor_file().open("a") as handle:
        handle.write(f"{datetime.now(UTC).isoformat(timespec='seconds')} {_database_name()} {seq} {mac}\n")


def _database_name() -> str:
    name = Path(str(connection.settings_dict["NAME"])).name
    return name.replace(" ", "_") or "memory"


def read_anchors(path: Path) -> Iterator[tuple[int, str]]:
    """The anchors of this database in a file of lines `time database seq mac`."""
    if not path.exists():
        return
    for line in path.read_text().splitlines():
        parts = line.split()
        if len(parts) == 4 and parts[1] == _database_name() and parts[2].isdigit():
            yield int(parts[2]), parts[3]


# Verification


def verify(anchors: list[tuple[int, str]] | None = None) -> list[Finding]:
    """Everything in the trail that does not verify, in order; an empty list means intact.

    `anchors`: (seq, mac) pairs from outside the database; by default those in the data folder.
    """
    expected = dict(anchors if anchors is not None else read_anchors(anchor_file()))
    findings: list[Finding] = []
    previous_seq, previous_mac = 0, GENESIS
    for entry in AuditEntry.objects.order_by("seq").iterator(chunk_size=500):
        findings += _gap(previous_seq, entry)
        findings += _faults(entry, previous_mac if entry.seq == previous_seq + 1 else None)
        if entry.seq in expected and not hmac.compare_digest(expected.pop(entry.seq), entry.mac):
            findings.append(Finding(entry.seq, "forged", "differs from the anchor written at the time"))
        previous_seq, previous_mac = entry.seq, entry.mac
    return findings + _end(previous_seq, previous_mac, expected)


def _gap(previous_seq: int, entry: AuditEntry) -> list[Finding]:
    missing = entry.seq - previous_seq - 1
    if not missing:
        return []
    names = f"entry {previous_seq + 1}" if missing == 1 else f"entries {previous_seq + 1} to {entry.seq - 1}"
    return [Finding(previous_seq + 1, "removed", f"{names} missing")]


def _faults(entry: AuditEntry, previous_mac: str | None) -> list[Finding]:
    found = []
    if not hmac.compare_digest(_mac(entry), entry.mac):
        found.append(Finding(entry.seq, "altered", "its facts do not match its MAC"))
    if previous_mac is not None and entry.previous_mac != previous_mac:
        found.append(Finding(entry.seq, "misplaced", "does not follow the entry before it"))
    found += [
        Finding(entry.seq, "altered", f"the value of {path} does not match its digest")
        for path, item in entry.values.items()
        if path not in entry.digests or _digest(item["value"], item["salt"]) != entry.digests[path]
    ]
    return found


def _end(seq: int, mac: str, anchors_left: dict[int, str]) -> list[Finding]:
    head = AuditHead.objects.filter(pk=1).first()
    found = []
    last = max([head.seq if head else 0, *anchors_left, 0])
    if last > seq:
        found.append(Finding(seq + 1, "cut_off", f"entries {seq + 1} to {last} missing at the end"))
    elif head is None and seq:
        found.append(Finding(seq, "altered", "the end of the chain is not recorded"))
    elif head is not None and (head.seq, head.mac) != (seq or 0, mac):
        found.append(Finding(seq, "altered", "the recorded end of the chain does not match the last entry"))
    return found


# Redaction


def redact(entry: AuditEntry, paths: list[str]) -> AuditEntry:
    """Drop value and salt of `paths` for ever; the digests stay, so the chain still verifies."""
    kept = {path: item for path, item in entry.values.items() if path not in paths}
    # The one way past AuditQuerySet.update: nothing that the chain covers is touched.
    super(type(AuditEntry.objects.all()), AuditEntry.objects.filter(pk=entry.pk)).update(values=kept)
    entry.values = kept
    return entry
