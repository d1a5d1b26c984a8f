"""What became of the records of a job: counted, and listed page by page; a step is about one or several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Count, ExpressionWrapper, Q, QuerySet

from backoffice.flowtly import errors
from backoffice.models import Job, Outcome, Redacted, Step, StepState, Verb
from backoffice.models.jobs import WRITTEN
from backoffice.resources.schema import key_of_iri
from backoffice.services import reading
from backoffice.services.operations.call import BRANDING, FATES, MEMBER, asked, branding, fate, read_branding, told

LEFT = "left"
FAILED = (
    Outcome.REJECTED,
    Outcome.NOT_WRITTEN,
    Outcome.CONFLICT,
    Outcome.GONE,
    Outcome.NOT_REACHED,
    Outcome.WRONG,
)
_FEW = 20  # steps that a page shows one by one, whole
_AGAIN = 4  # steps that are looked at again while somebody waits
_MANY = ExpressionWrapper(Q(verb=Verb.CALL, key=""), output_field=BooleanField())
Change = tuple[str, Any, Any]  # field, before, after


@dataclass(frozen=True)
class Counts:
    """Records by what became of them: LEFT, an Outcome, or of a call about several one of its FATES."""

    by: Mapping[str, int]

    @property
    def total(self) -> int:
        return sum(self.by.values())

    @property
    def left(self) -> int:
        return self.by.get(LEFT, 0)

    @property
    def tried(self) -> int:
        return self.total - self.left

    @property
    def done(self) -> int:
        """What was carried out, or needed nothing."""
        return self.tried - self.failed - self.unknown - self.left_out

    @property
    def left_out(self) -> int:
        """What was taken out of the plan before it ran."""
        return self.by.get(Outcome.EXCLUDED, 0)

    @property
    def run(self) -> int:
        """All but what was left out."""
        return self.total - self.left_out

    @property
    def looking(self) -> int:
        return self.by.get("looking", 0)

    @property
    def failed(self) -> int:
        return sum(self.by.get(outcome, 0) for outcome in FAILED)

    @property
    def unknown(self) -> int:
        return self.by.get(Outcome.UNKNOWN, 0)


@dataclass(frozen=True)
class Line:
    """One record. `error` as in Step; `changes` hold only what differs.

    `number`, `forecast` and `verb` are those of its step. `out`: who left it out ("author", "approver", "edited").
    `decided`: what a person said of a conflict ("theirs", "mine"), or of an unknown outcome ("settled").
    """

    key: str
    label: str
    fate: str
    changes: list[Change]
    error: Mapping[str, Any] | None = None
    number: int = 0
    forecast: str = ""
    verb: str = ""
    out: str = ""
    decided: str = ""


@dataclass(frozen=True)
class _Part:
    """As much of a step as counting needs."""

    pk: int
    fates: Counter[str]


def several(job: Job) -> bool:
    """Whether a job is about more records than can be shown whole, one below the other."""
    steps = Step.objects.filter(phase__job=job)
    return steps.filter(verb=Verb.CALL, key="").exists() or steps.count() > _FEW


def counts(job: Job) -> Counts:
    """One query, unless the job has calls about several: those are read one by one."""
    rows = _steps(job).annotate(many=_MANY).values_list("many", "state", "outcome")
    found: Counter[str] = Counter()
    calls = False
    for many, state, outcome, number in rows.annotate(n=Count("pk")).order_by():
        calls = calls or many
        if not many:
            found[str(outcome) if state == StepState.DONE else LEFT] += number
    return Counts(sum((part.fates for part in _parts(_calls(job))), found) if calls else found)


def lines(job: Job, *, fate: str = "", start: int, size: int) -> list[Line]:
    """The records of a job in its order, or those that came to one `fate`; `start` counts from 0."""
    if not _calls(job).exists():
        return [_of_one(step) for step in _come_to(job, fate)[start : start + size]]
    found: list[Line] = []
    for part in _parts(_steps(job)):
        here = part.fates[fate] if fate else part.fates.total()
        if start >= here:
            start -= here
            continue
        step = Step.objects.get(pk=part.pk)
        found += [line for line in _lines(step) if not fate or line.fate == fate][start:]
        start = 0
        if len(found) >= size:
            break
    return found[:size]


def every(job: Job) -> Iterator[Line]:
    """All records of a job whose steps are about one each, in its order, read a portion at a time."""
    return (_of_one(step) for step in _steps(job).iterator(chunk_size=500))


def look_again(job: Job) -> None:
    """Read what Flowtly was still looking for when a job ended: a request for each record, a few steps a time."""
    waiting = Step.objects.filter(phase__job=job, verb=Verb.CALL, key="", context__fates__looking__gt=0)
    for step in waiting.order_by("pk")[:_AGAIN]:
        try:
            after = {**(step.after or {}), **read_branding(step)}
        except errors.FlowtlyError:
            return  # what was known stands
        if after != step.after:
            step.after, step.context = after, told(step, after)
            step.save(update_fields=["after", "context"])


def redacted(job: Job) -> bool:
    return Step.objects.filter(phase__job=job, redacted=Redacted.ALL).exists()


def changed(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[Change]:
    return [(name, before.get(name), after.get(name)) for name in BRANDING if before.get(name) != after.get(name)]


def _steps(job: Job) -> QuerySet[Step]:
    return Step.objects.filter(phase__job=job).order_by("phase__number", "number")


def _calls(job: Job) -> QuerySet[Step]:
    return _steps(job).filter(verb=Verb.CALL, key="")


def _come_to(job: Job, fate: str) -> QuerySet[Step]:
    steps = _steps(job)
    if fate == LEFT:
        return steps.exclude(state=StepState.DONE)
    return steps.filter(state=StepState.DONE, outcome=fate) if fate else steps


def _parts(steps: QuerySet[Step]) -> Iterator[_Part]:
    rows = steps.values("pk", "verb", "key", "state", "outcome", "context", "base", "redacted")
    for row in rows.iterator(chunk_size=500):
        yield _Part(row["pk"], _fates(row))


def _fates(row: Mapping[str, Any]) -> Counter[str]:
    many = row["verb"] == Verb.CALL and not row["key"]
    size = len(row["base"].get(MEMBER, ())) if many else 1
    if row["state"] != StepState.DONE:
        return Counter({LEFT: size})
    if "fates" in row["context"] and row["redacted"] != Redacted.ALL:
        return Counter(row["context"]["fates"])
    gone = len(row["context"].get("gone", ()))
    return Counter({str(row["outcome"]): size - gone}) + Counter({str(Outcome.GONE): gone})


def _lines(step: Step) -> list[Line]:
    return _of_several(step) if step.verb == Verb.CALL and not step.key else [_of_one(step)]


def _of_one(step: Step) -> Line:
    held, written = step.before or step.base, step.outcome in WRITTEN
    after = step.after if written and step.after else step.changes
    changes = [(name, held.get(name), after.get(name)) for name in step.changes]
    state = str(step.outcome) if step.state == StepState.DONE else LEFT
    return Line(
        key=step.key,
        label=step.label or step.key,
        fate=state,
        changes=changes,
        error=step.error,
        number=step.number,
        forecast=step.forecast,
        verb=step.verb,
        out=str(step.context.get("out", "")) if state == Outcome.EXCLUDED else "",
        decided=str(step.context.get("settled", "")),
    )


def _of_several(step: Step) -> list[Line]:
    keys = [key_of_iri(iri) for iri in asked(step)]
    before, after = branding(step, step.before), branding(step, step.after)
    names = reading.known(slug=step.entity, keys=keys)
    found = []
    for key in keys:
        held = before.get(key, {})
        label = str(held.get("displayName") or "") or names.get(key, ("", ""))[1] or key
        changes = changed(held, after.get(key, held)) if step.state == StepState.DONE else []
        state = _state(step, key)
        found.append(Line(key, label, state, changes, None if state in FATES else step.error))
    return found


def _state(step: Step, key: str) -> str:
    if step.state != StepState.DONE:
        return LEFT
    if key in step.context.get("gone", ()):
        return str(Outcome.GONE)
    told_apart = step.outcome == Outcome.CALLED and step.redacted != Redacted.ALL
    return fate(step, step.after, key) if told_apart else str(step.outcome)
