"""The steps of a merge and of its way back, numbered and in words (no view stands here)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.formats.words import integer
from backoffice.models import Job, JobState, Outcome, Phase, Step, StepState, Verb
from backoffice.resources import PAGES, REGISTRY, Resource
from backoffice.resources.schema import key_of_iri
from backoffice.services import doubts, merges
from backoffice.services.jobs import ACHIEVED
from backoffice.services.merges import COUNTERPARTIES
from backoffice.services.merges.planning import CHECK, PREPARE, REPAIR, VERIFY
from backoffice.services.merges.restoring import GIVE_BACK, SET_BACK
from backoffice.templatetags.ui import detail_url
from backoffice.views.batch import said

_LISTED = 100  # steps of one phase that a page lists, those that were not achieved first
_FOLDED = 10  # and without folding
Change = tuple[str, Any, Any]


@dataclass(frozen=True)
class Line:
    """One numbered step. `changes` are what it sends, or with `theirs` what somebody else changed meanwhile."""

    number: int
    words: str
    url: str = ""
    resource: Resource | None = None
    outcome: str = ""
    tone: str = "off"
    why: Sequence[str] = ()
    changes: Sequence[Change] = ()
    theirs: Sequence[tuple[str, Sequence[Change]]] = ()
    doubt_url: str = ""


@dataclass(frozen=True)
class Section:
    """The steps of one phase; `left_out` are not listed. `folded`: there are many."""

    title: str
    lines: Sequence[Line]
    left_out: int = 0
    folded: bool = False


def sections(job: Job) -> list[Section]:
    """All steps, phase by phase; what there is a lot of is listed in part."""
    found, number = [], 0
    for phase in job.phases.order_by("number"):
        steps, total = _steps(phase)
        if phase.name in (CHECK, VERIFY):
            lines, count = [_looks(job, phase, steps, number + 1)], 1
        else:
            lines, count = [_line(job, phase, step, number + step.number) for step in steps], total
        folded = phase.name in (REPAIR, GIVE_BACK) and total > _FOLDED
        found.append(Section(_title(phase, total), lines, count - len(lines), folded))
        number += count
    return _joined(found)


def every(job: Job) -> Iterator[tuple[Line, Step]]:
    """Every step in its order, for a file: one line for each, also for each look."""
    number = 0
    for phase in job.phases.order_by("number"):
        for step in phase.steps.order_by("number").iterator(chunk_size=200):
            number += 1
            if phase.name in (CHECK, VERIFY):
                outcome, tone = of_step(job, step)
                yield Line(number, _look(step), outcome=outcome, tone=tone, why=_why(step)), step
            else:
                yield _line(job, phase, step, number), step


def _steps(phase: Phase) -> tuple[list[Step], int]:
    ordered = phase.steps.order_by("number")
    failed = list(ordered.filter(state=StepState.DONE).exclude(outcome__in=ACHIEVED)[:_LISTED])
    others = list(ordered.exclude(pk__in=[step.pk for step in failed])[: _LISTED - len(failed)])
    return sorted([*failed, *others], key=lambda step: step.number), ordered.count()


def _joined(found: Iterable[Section]) -> list[Section]:
    """Merges, and creations, are a phase each; people read them together."""
    joined: list[Section] = []
    for each in found:
        if joined and joined[-1].title == each.title:
            joined[-1] = Section(each.title, [*joined[-1].lines, *each.lines])
        else:
            joined.append(each)
    return joined


def _title(phase: Phase, total: int) -> str:
    if phase.name.startswith("merge "):
        return _("Merge, one at a time")
    if phase.name.startswith("create "):
        return _("Create again")
    clients = ngettext(
        "Point %(n)s client to the one that stays", "Point %(n)s clients to the one that stays", total
    )
    back = ngettext("Give %(n)s client back", "Give %(n)s clients back", total)
    return {
        CHECK: _("Look again before anything is written"),
        PREPARE: _("Prepare the one that stays"),
        REPAIR: clients % {"n": integer(total)},
        VERIFY: _("Look whether all is as planned"),
        GIVE_BACK: back % {"n": integer(total)},
        SET_BACK: _("Set the fields of the one that stays back"),
    }.get(phase.name, phase.name)


# One line


def called(label: str, key: str) -> str:
    """A record by name and number; by its number alone once the name was redacted."""
    return f"{label} ({key})" if label and key else label or key


def _line(job: Job, phase: Phase, step: Step, number: int) -> Line:
    outcome, tone = of_step(job, step)
    sent = [] if step.verb == Verb.CREATE or phase.name in (REPAIR, GIVE_BACK) else _sent(step)
    by_itself = (
        [_("Flowtly itself changed this in the one that stays:")] if step.verb == Verb.MERGE and sent else []
    )
    paged = PAGES.get(step.entity)
    there = step.key and step.outcome not in (Outcome.MERGED, Outcome.GONE)
    doubt = doubts.is_open(step)
    return Line(
        number=number,
        words=_words(phase, step),
        url=detail_url(paged, step.key) if paged and there else "",
        resource=REGISTRY.get(step.entity),
        outcome=outcome,
        tone=tone,
        why=[*_why(step), *by_itself],
        changes=sent,
        theirs=_theirs([step]),
        doubt_url=f"{reverse('job_row', args=[job.pk, step.number])}?phase={phase.number}" if doubt else "",
    )


def _words(phase: Phase, step: Step) -> str:
    name, context = called(step.label, step.key), step.context
    if step.verb == Verb.MERGE:
        return _("Merge %(name)s into %(into)s") % {"name": name, "into": context.get("into", "")}
    if step.verb == Verb.CREATE:
        old = key_of_iri(str(context.get("new_of", "")))
        return _("Create %(name)s again, which was %(old)s, with a new number") % {"name": step.label, "old": old}
    if phase.name == REPAIR:
        new = key_of_iri(str(step.changes.get("defaultCost", "")))
        return _("Point client %(name)s to %(into)s") % {"name": name, "into": new}
    if phase.name == GIVE_BACK:
        old = key_of_iri(str(context.get("moved_to", "")))
        return _("Point client %(name)s to the new record of %(old)s") % {"name": name, "old": old}
    fields = ", ".join(_label(name) for name in step.changes)
    words = _("Set %(fields)s of %(name)s back") if phase.name == SET_BACK else _("Change %(fields)s of %(name)s")
    return words % {"fields": fields, "name": name}


def _label(name: str) -> str:
    item = COUNTERPARTIES.by_name.get(name)
    return str(item.label) if item else name


def _sent(step: Step) -> list[Change]:
    """What the one that stays was given; of a merge what Flowtly was seen to do to it."""
    if step.verb != Verb.MERGE:
        held = step.before or step.base
        return [(name, held.get(name), value) for name, value in step.changes.items()]
    before, after = step.context.get("survivor"), step.context.get("survivor_after")
    if not isinstance(before, dict) or not isinstance(after, dict):
        return []
    pairs = [(item, before.get(item.name), after.get(item.name)) for item in COUNTERPARTIES.editable_fields]
    return [(item.name, old, new) for item, old, new in pairs if not item.same(old, new)]


def _why(step: Step) -> list[str]:
    words = said(REGISTRY.get(step.entity), step.error) if step.error else []
    for name, text in (
        ("new", _("New among them: %(keys)s.")),
        ("away", _("No longer among them: %(keys)s.")),
        ("left", _("They are: %(keys)s.")),
    ):
        held = step.context.get(name)
        keys = [key for some in held.values() for key in some] if isinstance(held, dict) else []
        if keys and step.outcome not in ACHIEVED:
            words.append(text % {"keys": ", ".join(keys)})
    if step.outcome == Outcome.CREATED and step.key:
        words.append(_("Its number in Flowtly is now %(number)s.") % {"number": step.key})
    return words


def _theirs(steps: Iterable[Step]) -> list[tuple[str, list[Change]]]:
    """What others changed meanwhile, by the record that they changed."""
    found = []
    for step in steps:
        fields = (step.error or {}).get("fields") if step.outcome == Outcome.CONFLICT else None
        if isinstance(fields, Mapping):
            key = str((step.error or {}).get("record") or step.key)
            pairs = [(name, held.get("base"), held.get("theirs")) for name, held in fields.items()]
            found.append((called(step.label if key == step.key else "", key), pairs))
    return found


# Looks


def _looks(job: Job, phase: Phase, steps: Sequence[Step], number: int) -> Line:
    """All looks of a phase as one step: what became of the worst of them."""
    records = sum(step.entity == COUNTERPARTIES.slug for step in steps)
    clients = any(step.entity != COUNTERPARTIES.slug for step in steps)
    numbers = {"n": integer(records)}
    if phase.name == CHECK:
        words = ngettext("Look again at the %(n)s record", "Look again at the %(n)s records", records) % numbers
        words = _("%(records)s and at the clients that name them") % {"records": words} if clients else words
    else:
        words = _("Look that the one that stays holds what was chosen, and that what went is gone")
        words = _("%(records)s; that no client names what is gone") % {"records": words} if clients else words
    odd = [step for step in steps if step.state == StepState.DONE and step.outcome not in ACHIEVED]
    outcome, tone = of_step(job, odd[0] if odd else _last(steps))
    why = [f"{called(step.label, step.key)}: {text}" if step.key else text for step in odd for text in _why(step)]
    return Line(number, words, resource=COUNTERPARTIES, outcome=outcome, tone=tone, why=why, theirs=_theirs(odd))


def _last(steps: Sequence[Step]) -> Step:
    """The one that is done last."""
    return max(steps, key=lambda step: (step.state != StepState.DONE, step.number))


def _look(step: Step) -> str:
    name = called(step.label, step.key)
    return {
        "same": _("Look that %(name)s is as planned"),
        "absent": _("Look that %(name)s is gone"),
        "uses": _("Look which clients name the records"),
        "unused": _("Look that no client names what is gone"),
    }.get(str(step.context.get("expects")), "%(name)s") % {"name": name}


def of_step(job: Job, step: Step) -> tuple[str, str]:
    """What became of a step in words, and the tone that they are shown in."""
    if step.state != StepState.DONE:
        going = {StepState.WRITING: _("Under way"), StepState.SETTLING: _("Being checked")}
        if step.state in going:
            return going[StepState(step.state)], "busy"
        planned = job.state in (JobState.PLANNED, JobState.AWAITING, JobState.SCHEDULED)
        return ("", "off") if planned else (_("Not begun"), "off")
    outcome = Outcome(step.outcome)
    if outcome in ACHIEVED:
        return _achieved(step, outcome), "good"
    if outcome == Outcome.NOT_REACHED:
        return _("Not reached"), "off"
    if step.verb == Verb.COMPARE and outcome == Outcome.NOT_WRITTEN:
        return _("Not as planned"), "bad"
    return str(outcome.label), "warn" if outcome in (Outcome.CONFLICT, Outcome.UNKNOWN) else "bad"


def _achieved(step: Step, outcome: Outcome) -> str:
    if outcome != Outcome.ALREADY:
        return str(outcome.label)
    if step.verb == Verb.COMPARE:
        return _("As planned")
    if step.verb == Verb.MERGE:
        return _("Was gone already")
    return _("Moved by Flowtly") if "moved_from" in step.context else str(outcome.label)


# Planned, done, verified


@dataclass(frozen=True)
class Fact:
    """One part of the plan: what was planned of it, what was done, and what the last look found."""

    what: str
    planned: str
    done: tuple[str, str] = ("", "off")
    verified: tuple[str, str] = ("", "off")
    url: str = ""
    numbers: Sequence[str] = field(default_factory=tuple)


def facts(job: Job) -> list[Fact]:
    """Side by side, part by part."""
    steps = list(
        Step.objects.filter(phase__job=job).exclude(phase__name__in=(REPAIR, GIVE_BACK)).select_related("phase")
    )
    steps.sort(key=lambda step: (step.phase.number, step.number))
    looks = [step for step in steps if step.phase.name == VERIFY]
    found = [_fact(job, step, looks) for step in steps if step.verb != Verb.COMPARE]
    stays = next((step for step in looks if step.context.get("expects") == "same"), None)
    if stays is not None and not any(step.phase.name == PREPARE for step in steps):
        named = called(_survivor(steps), stays.key)
        url = detail_url(COUNTERPARTIES, stays.key)
        found.insert(0, Fact(named, _("stays as it is"), ("", "off"), of_step(job, stays), url))
    return [*found, *_of_clients(job, looks)]


def _survivor(steps: Sequence[Step]) -> str:
    return next((step.label for step in steps if step.phase.name == CHECK and step.label), "")


def _fact(job: Job, step: Step, looks: Sequence[Step]) -> Fact:
    name, done = called(step.label, step.key), of_step(job, step)
    if step.verb == Verb.MERGE:
        look = next(
            (each for each in looks if each.key == step.key and each.context.get("expects") == "absent"), None
        )
        planned = _("goes into %(into)s") % {"into": step.context.get("into", "")}
        return Fact(name, planned, done, _verified(job, look, _("Gone")))
    if step.verb == Verb.CREATE:
        old = key_of_iri(str(step.context.get("new_of", "")))
        url = detail_url(COUNTERPARTIES, step.key) if step.key else ""
        new = _("Created, now %(number)s") % {"number": step.key} if step.outcome == Outcome.CREATED else done[0]
        return Fact(called(step.label, old), _("created again"), (new, done[1]), url=url)
    number = len(step.changes)
    planned = ngettext("%(n)s field changes", "%(n)s fields change", number) % {"n": integer(number)}
    look = next((each for each in looks if each.context.get("expects") == "same"), None)
    return Fact(name, planned, done, _verified(job, look, ""), detail_url(COUNTERPARTIES, step.key))


def _verified(job: Job, look: Step | None, words: str) -> tuple[str, str]:
    if look is None:
        return "", "off"
    outcome, tone = of_step(job, look)
    return (words or outcome, tone) if tone == "good" else (outcome, tone)


def _of_clients(job: Job, looks: Sequence[Step]) -> list[Fact]:
    if job.kind == merges.RESTORE:
        return _given_back(job)
    counted = merges.references(job)
    if not counted.known:
        return [Fact(_("Clients"), _("unknown"), (_("Left to Flowtly"), "off"))]
    parts = [
        (counted.by_flowtly, _("moved by Flowtly")),
        (counted.by_us, _("pointed by us")),
        (counted.failed, _("failed")),
        (counted.left, _("left")),
    ]
    numbers = [f"{integer(number)} {words}" for number, words in parts]
    good = counted.moved == counted.planned
    tone = "good" if good else "bad" if counted.failed else "off"
    moved = _("%(moved)s of %(planned)s moved") % {
        "moved": integer(counted.moved),
        "planned": integer(counted.planned),
    }
    look = next((step for step in looks if step.context.get("expects") == "unused"), None)
    said_verified = _verified(job, look, _("None names what is gone"))
    planned = ngettext("%(n)s client moves", "%(n)s clients move", counted.planned) % {
        "n": integer(counted.planned)
    }
    return [Fact(_("Clients"), planned, (moved, tone), said_verified, numbers=numbers)]


def _given_back(job: Job) -> list[Fact]:
    rows = Step.objects.filter(phase__job=job, phase__name=GIVE_BACK).values_list("state", "outcome")
    found = [str(outcome) if state == StepState.DONE else "" for state, outcome in rows]
    if not found:
        return []
    done = sum(outcome in ACHIEVED for outcome in found)
    left = found.count("") + found.count(Outcome.NOT_REACHED)
    numbers = [
        f"{integer(number)} {words}"
        for number, words in ((done, _("given back")), (len(found) - done - left, _("failed")), (left, _("left")))
    ]
    words = ngettext("%(n)s client goes back", "%(n)s clients go back", len(found)) % {"n": integer(len(found))}
    given = _("%(done)s of %(total)s given back") % {"done": integer(done), "total": integer(len(found))}
    tone = "good" if done == len(found) else "bad" if done + left < len(found) else "off"
    return [Fact(_("Clients"), words, (given, tone), numbers=numbers)]
