"""What the page of one card shows, whichever view answers with it (no view stands here)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.formats import words
from backoffice.forms.duplicates import QueueFilter, Spoken, as_uuid
from backoffice.models.duplicates import DuplicateGroup, Likeness, Verdict, VerdictKind
from backoffice.resources import Field, Kind, Resource
from backoffice.services import duplicates as service
from backoffice.services import reading
from backoffice.services.access import Permission, can, holders
from backoffice.templatetags.charts import waterfall
from backoffice.templatetags.ui import detail_url, is_empty
from backoffice.views.cardwords import (
    Trouble,
    apart_in_words,
    put_off_in_words,
    returned_in_words,
    said_in_words,
    state_in_words,
    tier_in_words,
)
from backoffice.views.guard import SignedInRequest
from backoffice.views.mergeform import address
from backoffice.views.shared import show

_OPEN_PAIRS = 3  # the strongest, shown at once
_MOST_PAIRS = 30  # with those that are folded
_NAMED = 3  # members in the title
_MOST_NAMED = 20  # people


@dataclass(frozen=True)
class Column:
    """One member, side by side with the others."""

    key: str
    label: str
    url: str
    uses: int | None
    ticked: bool


@dataclass(frozen=True)
class Row:
    field: Field
    values: Sequence[Any]
    same: bool


@dataclass(frozen=True)
class Line:
    """One contribution: `sides` are the (raw, compared) values of the two records."""

    words: str
    weight: int
    speaks_for: bool
    sides: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Pair:
    """Two members, with the account of their score; `drawn` has each line with its bar. None: not to be told."""

    number: int
    label_a: str
    label_b: str
    tier: str
    added_by: str
    explained: service.Explained | None = None
    contradictions: Sequence[str] = ()
    drawn: Sequence[tuple[Line, SafeString]] = ()
    total: SafeString = field(default_factory=lambda: SafeString(""))


def queued_as(slug: str) -> Resource:
    """The entity of this slug, the first that has a queue where none is named; else a 404."""
    found = {item.slug: item for item in service.queued()}
    preferred = next((item for item in found.values() if item.mergeable), None) or next(iter(found.values()))
    try:
        return found[slug] if slug else preferred
    except KeyError:
        raise Http404 from None


def filters_of(chosen: QueueFilter) -> service.queue.Filters:
    held = chosen.values
    return service.queue.Filters(
        state=chosen.state,
        type=held.get("type", ""),
        tier=held.get("tier", ""),
        logo=chosen.logo,
        text=held.get("q", ""),
    )


def title_of(labels: Sequence[str]) -> str:
    if len(labels) <= _NAMED:
        return words.listed(labels)
    rest = len(labels) - 2
    more = ngettext("%(n)s more", "%(n)s more", rest) % {"n": words.integer(rest)}
    return words.listed([*labels[:2], more])


def card_url(group: DuplicateGroup, chosen: QueueFilter, **more: str) -> str:
    query = urlencode({**chosen.values, **more})
    return reverse("duplicate", args=[group.pk]) + (f"?{query}" if query else "")


def card_page(
    request: SignedInRequest,
    group: DuplicateGroup,
    *,
    trouble: Trouble | None = None,
    spoken: Spoken | None = None,
    added: str = "",
    status: int = 200,
) -> HttpResponse:
    """The card as it is now; after a verdict that was not kept with why, and with what was typed."""
    chosen = QueueFilter.read(request.GET).but(entity=group.entity)
    card = service.queue.card(group)
    resource = queued_as(group.entity)
    ticked = set(spoken.keys) if spoken else {member.key for member in card.members}
    context = (
        _members(resource, card, ticked)
        | _pairs(resource, card)
        | _standing(request, card)
        | _ways(request, card, resource, chosen)
        | {"group": group, "resource": resource, "query": chosen.query, "version": card.version}
        | {"title": title_of([member.label for member in card.members]), "tier": tier_in_words(group.tier)}
        | {"trouble": trouble, "typed": _typed(spoken, added), "here": card_url(group, chosen)}
    )
    return show(request, "duplicates/card.html", context, status=status)


def _typed(spoken: Spoken | None, added: str) -> dict[str, str]:
    typed = {"kind": "add" if added else "", "add": added}
    if spoken is not None and spoken.kind in (VerdictKind.SEPARATE, VerdictKind.RELATED):
        typed |= {"kind": spoken.kind, spoken.kind: spoken.reason}
    return typed


def _members(resource: Resource, card: service.queue.Card, ticked: set[str]) -> dict[str, Any]:
    columns = [
        Column(
            member.key,
            member.label or member.key,
            detail_url(resource, member.key),
            member.uses,
            member.key in ticked,
        )
        for member in card.members
    ]
    rows, folded = [], []
    held = [_values(member) for member in card.members]
    for item in resource.fields:
        values = [value.get(item.name) for value in held]
        if all(map(is_empty, values)):
            continue
        same = all(item.same(values[0], value) for value in values)
        if same and not (item.matchable or item.name == "type"):
            folded.append((item, values[0]))
        else:
            rows.append(Row(item, values, same))
    # What differs first: that is what has to be looked at.
    return {"members": columns, "rows": sorted(rows, key=lambda row: row.same), "folded": folded} | {
        "names": _names(resource, held)
    }


def _values(member: service.queue.Member) -> Mapping[str, Any]:
    """What our copy holds of it."""
    return member.record.values if member.record else {}


def _names(resource: Resource, held: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    """Names kept here: Flowtly is not asked for one."""
    references = [item.name for item in resource.fields if item.kind is Kind.REFERENCE]
    return reading.names({str(values[name]) for values in held for name in references if values.get(name)})


def _pairs(resource: Resource, card: service.queue.Card) -> dict[str, Any]:
    labels = {member.key: member.label or member.key for member in card.members}
    strongest = sorted(card.pairs, key=lambda pair: (-pair.score, pair.a, pair.b))[:_MOST_PAIRS]
    told = service.accounts(resource, [(pair.a, pair.b) for pair in strongest])
    shown = [
        _pair(number, labels, each, told.get((each.a, each.b)))
        for number, each in enumerate(strongest, 1)
        if each.a in labels and each.b in labels
    ]
    at_once = _OPEN_PAIRS if len(card.members) > _OPEN_PAIRS else len(shown)
    return {"pairs": shown[:at_once], "more_pairs": shown[at_once:]}


def _pair(number: int, labels: Mapping[str, str], likeness: Likeness, explained: service.Explained | None) -> Pair:
    shown = Pair(
        number,
        labels[likeness.a],
        labels[likeness.b],
        tier_in_words(explained.tier if explained else likeness.tier),
        str(likeness.added_by) if likeness.added_by_id else "",
    )
    if explained is None:
        return shown
    # Down from the strongest word for it, then what speaks against it: so the bars read as one story.
    lines = sorted(explained.contributions, key=lambda line: (line.weight < 0, -abs(line.weight)))
    drawn = waterfall([line.weight for line in lines], explained.threshold)
    rows = [
        Line(line.words, line.weight, line.speaks_for, list(zip(line.raw, line.normalised, strict=True)))
        for line in lines
    ]
    return Pair(
        shown.number,
        shown.label_a,
        shown.label_b,
        shown.tier,
        shown.added_by,
        explained,
        explained.contradictions,
        list(zip(rows, drawn.rows, strict=True)),
        drawn.total,
    )


def _standing(request: SignedInRequest, card: service.queue.Card) -> dict[str, Any]:
    """Who may decide now, in whose hands it is, and what was said before."""
    may = can(request.user, Permission.VERDICT)
    other = card.holder if card.holder is not None and card.holder.pk != request.user.pk else None
    until = words.clock(timezone.localtime(card.group.held_until)) if other and card.group.held_until else ""
    return {
        "may_decide": may,
        "held": {"who": str(other), "until": until} if may and other else None,
        "deciding": may and other is None,
        "deciders": "" if may else words.listed(str(user) for user in holders(Permission.VERDICT)[:_MOST_NAMED]),
        "verdicts": [(verdict, *state_in_words(verdict)) for verdict in card.verdicts],
        "returned": [returned_in_words(verdict) for verdict in card.verdicts if _brought_back(card, verdict)],
        "put_off": next((put_off_in_words(verdict) for verdict in card.verdicts if _puts_off(verdict)), ""),
        "apart": apart_in_words(card.group.apart),
    } | (_last(request) if may else {})


def _brought_back(card: service.queue.Card, verdict: Verdict) -> bool:
    return bool(card.returned and verdict.lapsed_at and verdict.lapsed_fields)


def _puts_off(verdict: Verdict) -> bool:
    return verdict.open and verdict.kind == VerdictKind.LATER


def _last(request: SignedInRequest) -> dict[str, Any]:
    """What this person said last, which can be taken back; and what was done just now, to be read out."""
    act = service.last_act(request.user)
    last = {"act": act, "words": said_in_words(*service.said_in(act))} if act else None
    said, taken = request.GET.get("said", ""), as_uuid(request.GET.get("taken", ""))
    if taken is not None and (told := service.said_in(taken))[1]:
        # What is taken back next is said only once something else was done.
        return {"just_now": _("Taken back: %(verdict)s") % {"verdict": said_in_words(*told)}}
    if said == "add":
        return {"just_now": _("The record was added.")}
    return {"last": last, "just_now": last["words"] if last and str(act) == said else ""}


def _ways(
    request: SignedInRequest, card: service.queue.Card, resource: Resource, chosen: QueueFilter
) -> dict[str, Any]:
    """Where the page leads to."""
    group, filters = card.group, filters_of(chosen)
    after = service.queue.after(group, filters, viewer=request.user)
    before = service.queue.before(group, filters, viewer=request.user)

    def at(name: str) -> str:
        return f"{reverse(name, args=[group.pk])}?{chosen.query}"

    return {
        "list_url": chosen.url(reverse("duplicates")),
        "next_url": card_url(after, chosen) if after else "",
        "previous_url": card_url(before, chosen) if before else "",
        "act": uuid.uuid4(),
        "page_keys": "duplicates/card_keys.html",
        "urls": {
            "decide": at("duplicate_decide"),
            "drop": at("duplicate_drop"),
            "split": at("duplicate_split"),
            "add": at("duplicate_add"),
            "hold": reverse("duplicate_hold", args=[group.pk]),
            "others": reverse("duplicate_others", args=[group.pk]),
        },
        "same_label": _("Merge") if resource.mergeable else _("Duplicates"),
        "merge_url": address([member.key for member in card.members]) if resource.mergeable else "",
    }
