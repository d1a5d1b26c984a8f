"""The page that composes a merge: what it was asked for, and what it shows (no view stands here)."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from backoffice.forms.basis import new_nonce
from backoffice.forms.fields import IRI, shown_text
from backoffice.forms.merging import TYPED, MergeForm, Named, Shown
from backoffice.forms.records import Offered
from backoffice.models import Job, Step, Verb
from backoffice.resources import Field, Record
from backoffice.resources.schema import is_key, key_of_iri
from backoffice.services import merges, reading
from backoffice.services.access import Permission, can, holders
from backoffice.services.merges import COUNTERPARTIES, Composition, Problem, Suggestion
from backoffice.services.merges.planning import PREPARE
from backoffice.services.operations.uses import CLIENTS, NAMED_IN, Uses
from backoffice.templatetags.ui import detail_url
from backoffice.views.guard import SignedInRequest
from backoffice.views.planning import may_see
from backoffice.views.records.submission import matches_of
from backoffice.views.shared import names_for, references, short_lists, show

MOST = 20  # records of one merge
_LISTED = 200  # clients of one record that the page names
_AT_ONCE = 5  # clients that are listed without unfolding
_LONGEST_URL = 3_000  # characters; gunicorn refuses a request line of more than 4094
_LONGEST_TEXT = 200
_RESULT = "merge-result"


@dataclass(frozen=True)
class Asked:
    """`keys`: the records, in the order in which they were named; `survivor` as chosen, "" where nobody chose."""

    keys: Sequence[str]
    survivor: str
    data: QueryDict
    posted: bool = False

    @classmethod
    def of(cls, request: SignedInRequest) -> Asked:
        posted = request.method == "POST"
        data = (request.POST if posted else request.GET).copy()
        for name, value in () if posted else _chosen_in(request, data.get("job", "")):
            data.setdefault(name, value)
        named = [*data.get("ids", "").split(","), *data.getlist("id")]
        known = [key for key in map(str.strip, named) if is_key(key) and "," not in key]
        keys = [key for key in dict.fromkeys(known) if key != data.get("drop")][:MOST]
        survivor = data.get("survivor", "")
        return cls(keys, survivor if survivor in keys else "", data, posted)

    @property
    def other(self) -> str:
        """The number or name of a record to be added."""
        return self.data.get("other", "").replace("\x00", "").strip()[:_LONGEST_TEXT]

    @property
    def chosen(self) -> str:
        """The one that was meant, of several that a name may mean."""
        key = self.data.get("chosen", "")
        return key if is_key(key) and "," not in key else ""

    @property
    def even_so(self) -> list[str]:
        return self.data.getlist("even_so")

    def with_key(self, key: str) -> Asked:
        """Of one record alone nobody chose that it stays."""
        data = self.data.copy()
        data["other"] = ""
        survivor = self.survivor if len(self.keys) > 1 else ""
        return replace(self, keys=list(dict.fromkeys([*self.keys, key]))[:MOST], survivor=survivor, data=data)

    @property
    def picks(self) -> dict[str, str]:
        """Whose value each field takes, as far as somebody chose: the form's own names and values."""
        names = [f"pick-{item.name}" for item in COUNTERPARTIES.editable_fields]
        found = {name: self.data.get(name, "") for name in names}
        return {name: pick for name, pick in found.items() if pick and pick != self.data.get("was")}

    @property
    def url(self) -> str:
        """The address of the same page, "" where none can hold what was chosen: what was typed stands in none,
        as addresses are written down on the way."""
        if TYPED in self.picks.values():
            return ""
        found = address(self.keys, self.survivor, self.picks.items())
        return found if len(found) <= _LONGEST_URL else ""


def address(keys: Sequence[str], survivor: str = "", choices: Iterable[tuple[str, str]] = ()) -> str:
    """The page that composes these; `choices` are further names and values."""
    pairs = [("ids", ",".join(keys)), ("survivor", survivor), *choices]
    return f"{reverse('merge_new')}?{urlencode([pair for pair in pairs if pair[1]], safe=',')}"


def address_of(job: Job) -> str:
    """The page as it stood when this plan was made, read again; the choices are those of the job."""
    survivor, gone = str(job.spec.get("survivor", "")), list(job.spec.get("gone", ()))
    return address([survivor, *gone], survivor, [("job", str(job.pk))])


def _chosen_in(request: SignedInRequest, job_id: str) -> Iterator[tuple[str, str]]:
    """What was chosen for a plan, as the form's own names and values; nothing where one may not see it."""
    try:
        job = Job.objects.get(pk=uuid.UUID(job_id), kind=merges.KIND)
    except (ValueError, Job.DoesNotExist):
        return
    if not may_see(request.user, job):
        return
    steps = Step.objects.filter(phase__job=job, phase__name=PREPARE, verb=Verb.UPDATE)
    held = dict(Step.objects.filter(phase__job=job, verb=Verb.MERGE).values_list("key", "base"))
    for name, value in (pair for step in steps for pair in step.changes.items()):
        item = COUNTERPARTIES.by_name[name]
        whose = next((key for key, base in held.items() if name in base and item.same(base[name], value)), TYPED)
        yield f"pick-{name}", whose
        if whose == TYPED:
            yield f"value-{name}", shown_text(value)


# What was asked for, composed


@dataclass(frozen=True)
class Work:
    """A composition with its form. `candidates`: records that a typed name may mean, as (key, name)."""

    asked: Asked
    composed: Composition | None
    suggestion: Suggestion | None
    form: MergeForm
    shown: Shown
    candidates: Sequence[tuple[str, str]] = ()
    stale: Mapping[str, Sequence[str]] = field(default_factory=dict)
    problems: Sequence[Problem] | None = None

    @property
    def swapped(self) -> bool:
        """Whether another record is to stay than on the page that was sent, so that its result was never seen."""
        return self.asked.posted and self.asked.survivor != self.asked.data.get("was", "")

    @property
    def nonce(self) -> str:
        """The same form twice is one plan; the same page with other choices is another one."""
        assert self.composed is not None
        chosen = [self.composed.survivor, list(self.composed.gone), self.form.changes, sorted(self.asked.even_so)]
        said = json.dumps(chosen, sort_keys=True, default=str)
        return hashlib.sha256(f"{self.shown.nonce} {said}".encode()).hexdigest()


def work(asked: Asked, *, afresh: bool = False) -> Work:
    """Reads from Flowtly what the form does not carry already. Raises the errors of the API client."""
    held = Shown.read(asked.data.get("base", ""), resource=COUNTERPARTIES) if asked.posted and not afresh else None
    held = held if held and set(asked.keys) <= set(held.keys) else None
    composed = _compose(asked.keys, asked.survivor, held) if asked.keys else None
    suggestion = merges.suggest(composed.records, composed.uses) if composed and composed.records else None
    if composed and suggestion and (composed.keeps is None or not asked.survivor):
        composed = _again(composed, suggestion.key, {})
    records = composed.records if composed else ()
    survivor = composed.survivor if composed else ""
    form = MergeForm(COUNTERPARTIES, records, survivor, _offered(), asked.data)
    form.is_valid()
    if composed:
        composed = _again(composed, composed.survivor, form.changes)
    return Work(asked, composed, suggestion, form, held or _shown(asked.keys, composed))


def _compose(keys: Sequence[str], survivor: str, held: Shown | None) -> Composition:
    survivor = survivor or keys[0]
    seen = merges.Seen(held.records, _uses(held)) if held else None
    return merges.compose(survivor=survivor, gone=[key for key in keys if key != survivor], seen=seen)


def _again(composed: Composition, survivor: str, changes: Mapping[str, Any]) -> Composition:
    keys = [composed.survivor, *composed.gone]
    seen = merges.Seen(composed.records, composed.uses)
    gone = [key for key in keys if key != survivor]
    return merges.compose(survivor=survivor, gone=gone, changes=changes, seen=seen)


def _shown(keys: Sequence[str], composed: Composition | None) -> Shown:
    records = composed.records if composed else ()
    clients = None
    if composed and composed.uses.known:
        by = composed.uses.by
        clients = {each.key: Named(len(by[each.iri]), list(by[each.iri][:_LISTED])) for each in records}
    return Shown(list(keys), list(records), clients, timezone.now(), new_nonce())


def _uses(shown: Shown) -> Uses:
    """Clients beyond those that the page names are counted, without a name."""
    if shown.clients is None:
        return Uses(known=False)
    by = {each.iri: shown.clients[each.key] for each in shown.records if each.key in shown.clients}
    nameless = {iri: [("", "")] * (named.number - len(named.first)) for iri, named in by.items()}
    return Uses(known=True, by={iri: [*named.first, *nameless[iri]] for iri, named in by.items()})


def _offered() -> Offered:
    fields = references(COUNTERPARTIES.editable_fields)
    seen = {
        item.name: reading.observed(COUNTERPARTIES, item.name) for item in COUNTERPARTIES.fields if item.observed
    }
    return Offered(lists={slug: items for slug, items in short_lists(fields).items() if items}, seen=seen)


def matches(text: str) -> list[tuple[str, str]]:
    """The records that a number, an address or a name may mean, as (key, name)."""
    if text.isascii() and text.isdecimal():
        return [(text, text)]
    if IRI.fullmatch(text):
        return [(key_of_iri(text), text)]
    return [(key_of_iri(iri), label) for iri, label in matches_of(CLIENTS.by_name[NAMED_IN], text)]


# The page


@dataclass(frozen=True)
class Member:
    """One record of the merge. `clients`: those that name it, None where nobody can tell."""

    record: Record
    url: str
    stays: bool
    because: str
    filled: int
    clients: Named | None
    changed: Sequence[str] = ()

    @property
    def at_once(self) -> bool:
        return self.clients is not None and self.clients.number <= _AT_ONCE

    @property
    def more(self) -> int:
        return self.clients.number - len(self.clients.first) if self.clients else 0


@dataclass(frozen=True)
class Line:
    """One row of the comparison: (key, value, whether it is taken) for each record, and the input beside them."""

    name: str
    label: str
    field: Field | None
    same: bool
    cells: Sequence[tuple[str, Any, bool]]
    input: Any = None
    typed: bool = False


@dataclass(frozen=True)
class Outcome:
    """What one field would hold. `source`: whose value it is, in words, where it is not the survivor's own."""

    field: Field
    value: Any
    source: str = ""
    problem: str = ""


def page(request: SignedInRequest, found: Work, *, status: int = 200) -> HttpResponse:
    """The page, or the part of it that htmx asked for."""
    composed, form = found.composed, found.form
    lines = _lines(composed, form) if composed else []
    problems = composed.problems if composed and found.problems is None else found.problems or ()
    context: dict[str, Any] = {
        "work": found,
        "asked": found.asked,
        "composed": composed,
        "resource": COUNTERPARTIES,
        "form": form,
        "members": _members(found),
        "missing": _missing(found),
        "swapped": found.swapped and asked_for_plan(request),
        "different": [line for line in lines if not line.same],
        "equal": [line for line in lines if line.same],
        "result": _result(form),
        "names": _names(found),
        "base": found.shown.signed(),
        "problems": [each for each in problems if not each.overrulable and each.code not in ("none", "field")],
        "contradictions": _contradictions(found, problems),
        "trial": merges.trial(),
        "may": can(request.user, Permission.BULK),
        "stewards": [user.get_username() for user in holders(Permission.BULK)],
        "most": MOST,
        "total": len(COUNTERPARTIES.fields),
        "lost": sorted({name for record in composed.others for name in record.other}) if composed else [],
    }
    part = "result" if request.headers.get("HX-Target") == _RESULT else "merge"
    return show(request, "merges/new.html", context, part=part, status=status)


def asked_for_plan(request: SignedInRequest) -> bool:
    return request.POST.get("do") == "plan"


def _members(found: Work) -> list[Member]:
    composed, clients = found.composed, found.shown.clients
    if composed is None:
        return []
    because = found.suggestion
    labels = {name: str(item.label) for name, item in COUNTERPARTIES.by_name.items()}
    return [
        Member(
            record=record,
            url=detail_url(COUNTERPARTIES, record.key),
            stays=record.key == composed.survivor,
            because=_because(because.because) if because and because.key == record.key else "",
            filled=merges.filled(record),
            clients=clients.get(record.key) if clients is not None else None,
            changed=[labels.get(name, name) for name in found.stale.get(record.key, ())],
        )
        for record in sorted(composed.records, key=lambda record: found.asked.keys.index(record.key))
    ]


def _because(code: str) -> str:
    return {
        "used": _("Suggested: most clients name it."),
        "complete": _("Suggested: it is filled in most."),
        "oldest": _("Suggested: of equal ones it is the oldest."),
    }[code]


def _missing(found: Work) -> list[Problem]:
    problems = found.composed.problems if found.composed else ()
    return [each for each in problems if each.code == "missing"]


def _contradictions(found: Work, problems: Sequence[Problem]) -> list[tuple[Problem, bool, bool]]:
    """Each with whether it is ticked, and whether it was blocked just now."""
    all_of_them = [each for each in (found.composed.problems if found.composed else ()) if each.overrulable]
    blocked = {each.name for each in problems} if found.problems is not None else set()
    return [(each, each.name in found.asked.even_so, each.name in blocked) for each in all_of_them]


def _lines(composed: Composition, form: MergeForm) -> list[Line]:
    return [_line(row, composed, form) for row in composed.rows()]


def _line(row: merges.Row, composed: Composition, form: MergeForm) -> Line:
    pick = form.picks.get(row.name, "")
    pairs = zip(composed.records, row.values, strict=True)
    cells = [(record.key, value, record.key == pick) for record, value in pairs]
    bound = form.typed(row.name) if row.field and row.name in form.picks else None
    return Line(row.name, row.label, row.field, row.same, cells, bound, pick == TYPED)


def _result(form: MergeForm) -> list[Outcome]:
    chosen, changes, found = form.chosen, form.changes, []
    for name, pick in form.picks.items():
        item = COUNTERPARTIES.by_name[name]
        source = ""
        if name in changes:
            source = _("typed in") if pick == TYPED else _("from %(key)s") % {"key": pick}
        problem = " ".join(map(str, form.errors.get(f"value-{name}", [])))
        found.append(Outcome(item, chosen.get(name), source, problem))
    return found


def _names(found: Work) -> dict[str, str]:
    records = found.composed.records if found.composed else ()
    return names_for(COUNTERPARTIES.fields, [*(record.values for record in records), found.form.chosen])
