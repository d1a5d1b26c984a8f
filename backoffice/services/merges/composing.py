"""What a merge would be about, freshly read: records side by side, who names them, what stands in the way."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from backoffice.formats.words import day
from backoffice.models import Job, JobState, Step, Upstream, Verb, Verdict, VerdictKind
from backoffice.models.jobs import FINAL_STATES
from backoffice.resources import PAGES, Field, Record
from backoffice.resources.rules import complaint
from backoffice.services import apart, reading
from backoffice.services.mapping import successor
from backoffice.services.operations.merge import read_there
from backoffice.services.operations.uses import Uses, clients_naming
from backoffice.services.upstream import client, current, merge_way

COUNTERPARTIES = PAGES["counterparties"]
# Undeclared members that tell firms apart: two records that hold different ones are hardly the same firm.
_IDENTIFIERS = re.compile(
    r"(?i)^(tin|nip|cvr|vat|tax|regon|krs|ean|gln)|(tin|vat|tax|registration)_?(id|no|number)$"
)


@dataclass(frozen=True)
class Problem:
    """What stands in the way. `code`: none, same, twice, missing, busy, wrong_way, trial, field, contradiction or
    told_apart.

    Two may be overruled, by `name`: a contradiction (the member that differs), and that somebody told two of the
    records apart (their numbers, as "12-15"; `verdicts` are the keys of what was said).
    """

    code: str
    text: str
    name: str = ""
    verdicts: Sequence[int] = ()

    @property
    def overrulable(self) -> bool:
        return self.code in ("contradiction", "told_apart")


@dataclass(frozen=True)
class Row:
    """One field of all records: the values in the order of the records. `member`: no field that we know."""

    name: str
    label: str
    values: Sequence[Any]
    same: bool
    field: Field | None = None

    @property
    def member(self) -> bool:
        return self.field is None


@dataclass(frozen=True)
class Composition:
    """`records` begin with the survivor; those that are not there are left out."""

    survivor: str
    gone: Sequence[str]
    records: Sequence[Record]
    uses: Uses
    problems: Sequence[Problem]
    changes: Mapping[str, Any] = field(default_factory=dict)

    @property
    def keeps(self) -> Record | None:
        return next((record for record in self.records if record.key == self.survivor), None)

    @property
    def others(self) -> list[Record]:
        return [record for record in self.records if record.key != self.survivor]

    @property
    def moved(self) -> int | None:
        """How many clients name a record that goes; None where nobody can tell."""
        return sum(len(self.uses.by[record.iri]) for record in self.others) if self.uses.known else None

    def rows(self) -> list[Row]:
        """Every field and every undeclared member, those that differ first."""
        found = [self._row(item.name, str(item.label), item) for item in COUNTERPARTIES.fields]
        members = sorted({name for record in self.records for name in record.other})
        found += [self._row(name, name, None) for name in members]
        return sorted(found, key=lambda row: row.same)

    def _row(self, name: str, label: str, item: Field | None) -> Row:
        values = [(record.values if item else record.other).get(name) for record in self.records]
        same = all(item.same(values[0], value) if item else values[0] == value for value in values[1:])
        return Row(name, label, values, same, item)

    @property
    def result(self) -> dict[str, Any]:
        """The survivor's editable fields as the merge would leave them, as far as we write them."""
        held = self.keeps.values if self.keeps else {}
        return {item.name: held.get(item.name) for item in COUNTERPARTIES.editable_fields} | dict(self.changes)


@dataclass(frozen=True)
class Seen:
    """Records as a page showed them, and the clients that named them then."""

    records: Sequence[Record]
    uses: Uses


def compose(
    *, survivor: str, gone: Sequence[str], changes: Mapping[str, Any] | None = None, seen: Seen | None = None
) -> Composition:
    """Read the records and walk the clients; of what was `seen` already nothing is read again.

    Raises the errors of the API client, but for records not there.
    """
    keys = list(dict.fromkeys([survivor, *gone]))
    seen = seen or see(keys)
    records = sorted((record for record in seen.records if record.key in keys), key=lambda r: keys.index(r.key))
    uses = seen.uses
    keeps = next((record for record in records if record.key == survivor), None)
    left = _left(keeps, changes or {})
    problems = [*_of_choice(survivor, gone), *_missing(keys, records), *busy(keys), *_wrong_way()]
    problems += [*_of_fields(left), *_contradictions(records), *told_apart(apart.told_apart(COUNTERPARTIES, keys))]
    return Composition(survivor, list(gone), records, uses, problems, left)


def trial() -> bool:
    """Whether no merge was seen to do what is meant at this Flowtly yet, asked for as we do now."""
    return not Upstream.objects.filter(pk=current().pk, merge_verified=merge_way()).exists()


def is_wrong() -> bool:
    """Whether Flowtly took the wrong record when asked as we ask now; nothing is merged until that changes."""
    return Upstream.objects.filter(pk=current().pk, merge_wrong=merge_way()).exists()


@dataclass(frozen=True)
class Suggestion:
    """`because`: used (more clients name it), complete (more of its fields are filled) or oldest."""

    key: str
    because: str


def suggest(records: Sequence[Record], uses: Uses) -> Suggestion:
    """Which of several records is best kept."""
    ranks = [("used", _used(uses)), ("complete", filled)]
    best = list(records)
    for because, rank in ranks:
        most = max(map(rank, best))
        kept = [record for record in best if rank(record) == most]
        if len(kept) == 1:
            return Suggestion(kept[0].key, because)
        best = kept
    return Suggestion(min((record.key for record in best), key=_age), "oldest")


def _used(uses: Uses) -> Any:
    return lambda record: len(uses.by.get(record.iri, ()))


def filled(record: Record) -> int:
    """How many fields of a record hold anything."""
    return sum(record[item.name] not in (None, "") for item in COUNTERPARTIES.fields)


def _age(key: str) -> tuple[int, int, str]:
    """Numbers are given in order; other keys tell nothing."""
    return (0, int(key), "") if key.isdecimal() else (1, 0, key)


def see(keys: Sequence[str]) -> Seen:
    """The records of these keys that are there, and who names them, from Flowtly. Raises the client's errors."""
    client()  # made here, before the threads use it
    with ThreadPoolExecutor(settings.FLOWTLY_MAX_CONNECTIONS) as pool:
        records = [record for record in pool.map(_one, keys) if record]
    reading.remember(records)
    return Seen(records, clients_naming([record.iri for record in records]) if records else Uses(known=False))


def _one(key: str) -> Record | None:
    try:
        return read_there(COUNTERPARTIES, key)
    except ValueError:
        return None


def _left(keeps: Record | None, changes: Mapping[str, Any]) -> dict[str, Any]:
    """The chosen values that the survivor does not hold already."""
    fields = COUNTERPARTIES.by_name
    held = keeps.values if keeps else {}
    return {
        name: value
        for name, value in changes.items()
        if name not in fields or not fields[name].same(held.get(name), value)
    }


def _of_choice(survivor: str, gone: Sequence[str]) -> list[Problem]:
    if not gone:
        return [Problem("none", _("No record is to go."))]
    if survivor in gone:
        return [Problem("same", _("A record cannot be merged into itself."))]
    if len(set(gone)) != len(gone):
        return [Problem("twice", _("A record is named twice."))]
    return []


def _missing(keys: Sequence[str], records: Sequence[Record]) -> list[Problem]:
    there = {record.key for record in records}
    found = []
    for key in keys:
        if key in there:
            continue
        text, into = _("%(key)s is not in Flowtly."), successor(key)
        if into:
            text = _("%(key)s was merged into %(into)s already.")
        found.append(Problem("missing", text % {"key": key, "into": into}, key))
    return found


def busy(keys: Collection[str], *, but: Job | None = None) -> list[Problem]:
    """Records of another merge than `but` that is under way: of two plans about one record, one would be about
    nothing.

    One that stopped goes on only when a person says so, and compares everything then; it holds up no new plan.
    """
    resting = (*FINAL_STATES, JobState.PLANNED, JobState.STOPPED)
    jobs = Job.objects.filter(kind__in=("merge", "restore")).exclude(state__in=resting)
    jobs = jobs.exclude(pk=but.pk) if but else jobs
    steps = Step.objects.filter(phase__job__in=jobs, entity=COUNTERPARTIES.slug, key__in=keys)
    held = steps.filter(verb__in=(Verb.MERGE, Verb.COMPARE)).values_list("key", flat=True).distinct()
    words = _("%(key)s is part of another merge that has not ended.")
    return [Problem("busy", words % {"key": key}, key) for key in sorted(held)]


def _wrong_way() -> list[Problem]:
    if not is_wrong():
        return []
    words = _(
        "The last merge took the wrong record. Nothing is merged until FLOWTLY_MERGE_BODY or"
        " FLOWTLY_MERGE_PATH_ID says how this Flowtly wants it."
    )
    return [Problem("wrong_way", words)]


def _of_fields(changes: Mapping[str, Any]) -> list[Problem]:
    found = []
    for name, value in changes.items():
        item = COUNTERPARTIES.by_name.get(name)
        text = complaint(item, value) if item and not item.read_only else _("This cannot be changed.")
        if text:
            found.append(Problem("field", f"{item.label if item else name}: {text}", name))
    return found


def identifiers(record: Record) -> dict[str, Any]:
    """The undeclared members that tell firms apart."""
    return {name: value for name, value in record.other.items() if _IDENTIFIERS.search(name)}


def _contradictions(records: Sequence[Record]) -> list[Problem]:
    names = {name for record in records for name in identifiers(record)}
    words = _("The records hold different numbers in %(name)s: %(values)s.")
    found = []
    for name in sorted(names):
        held = {_bare(record.other.get(name)) for record in records} - {""}
        if len(held) > 1:
            said = words % {"name": name, "values": ", ".join(sorted(held))}
            found.append(Problem("contradiction", said, name))
    return found


def told_apart(found: Mapping[apart.Pair, Sequence[Verdict]]) -> list[Problem]:
    """A problem for each pair that somebody told apart, with the newest word on it."""
    return [
        Problem("told_apart", in_words(said[-1]), "-".join(pair), [verdict.pk for verdict in said])
        for pair, said in sorted(found.items())
    ]


def of_member(name: str) -> Problem:
    """A contradiction as far as its name tells it."""
    return Problem("contradiction", _("The records hold different numbers in %(name)s.") % {"name": name}, name)


def in_words(verdict: Verdict) -> str:
    words = _("%(who)s said on %(when)s that %(one)s and %(other)s are not duplicates.")
    if verdict.kind == VerdictKind.RELATED:
        words = _("%(who)s said on %(when)s that %(one)s and %(other)s are related but separate.")
    pairs = ((verdict.label_a, verdict.a), (verdict.label_b, verdict.b))
    one, other = (f"{label} ({key})" if label else key for label, key in pairs)
    said = words % {"who": verdict.by.get_username(), "when": day(verdict.at), "one": one, "other": other}
    return f"{said} {_('Why: %(reason)s') % {'reason': verdict.reason}}" if verdict.reason else said


def _bare(value: Any) -> str:
    return re.sub(r"[\W_]", "", str(value)).upper() if isinstance(value, str | int) else ""
