"""Verdicts, and what stands against them, in sentences (no view stands here)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.formats import words
from backoffice.models.duplicates import Verdict, VerdictKind
from backoffice.resources import PAGES
from backoffice.services import duplicates as service

_SAME = (VerdictKind.SAME, "merged")


@dataclass(frozen=True)
class Said:
    """One earlier verdict of a chain; `sign`: "=" or "≠". `verdict`: its id where it can be taken back, named by
    `label`."""

    label_a: str
    sign: str
    label_b: str
    said: str
    verdict: int | None
    label: str


@dataclass(frozen=True)
class Trouble:
    """Why it was not kept. `kind`: stale, held, kind, reason, add, ticks or contradiction (with its `chain`)."""

    kind: str
    title: str
    words: str = ""
    chain: Sequence[Said] = ()


def tier_in_words(tier: str) -> str:
    return {"sure": _("Sure"), "likely": _("Likely")}.get(tier, "")


def said_in_words(kind: str, pairs: int) -> str:
    """A verdict that was given, with how many pairs it is about."""
    told = ngettext("%(verdict)s: %(n)s pair.", "%(verdict)s: %(n)s pairs.", pairs)
    return told % {"verdict": VerdictKind(kind).label, "n": words.integer(pairs)}


def state_in_words(verdict: Verdict) -> tuple[str, str]:
    """How a verdict stands, with its tone."""
    if verdict.withdrawn_at is not None:
        day = words.day(timezone.localtime(verdict.withdrawn_at))
        return _("Taken back by %(who)s, %(day)s") % {"who": verdict.withdrawn_by, "day": day}, "off"
    if verdict.carried_to_id is not None:
        return _("Carried on by a merge"), "off"
    if verdict.lapsed_at is not None:
        return _lapsed(verdict), "warn"
    if verdict.until is not None:
        return _("Holds until %(day)s") % {"day": words.day(timezone.localtime(verdict.until))}, "good"
    return _("Holds"), "good"


def _lapsed(verdict: Verdict) -> str:
    if not verdict.lapsed_fields:
        return _("Over")
    return _("Ended, because this changed: %(fields)s of %(record)s") % {
        "fields": fields_in_words(verdict),
        "record": changed_record(verdict),
    }


def returned_in_words(verdict: Verdict) -> str:
    """Which change brought a pair back."""
    assert verdict.lapsed_at is not None
    return _("Returned, because this changed on %(day)s: %(fields)s of %(record)s.") % {
        "day": words.day(timezone.localtime(verdict.lapsed_at)),
        "fields": fields_in_words(verdict),
        "record": changed_record(verdict),
    }


def fields_in_words(verdict: Verdict) -> str:
    return words.listed(service.labels(PAGES[verdict.entity], verdict.lapsed_fields))


def changed_record(verdict: Verdict) -> str:
    one, other = verdict.label_a or verdict.a, verdict.label_b or verdict.b
    return one if verdict.lapsed_key == verdict.a else other


def put_off_in_words(verdict: Verdict) -> str:
    if verdict.until is None:
        return _("Put off by %(who)s until something about the records changes.") % {"who": verdict.by}
    day = words.day(timezone.localtime(verdict.until))
    return _("Put off by %(who)s until %(day)s.") % {"who": verdict.by, "day": day}


def apart_in_words(why: str) -> str:
    """Why a pair stands by itself though its records are in other groups, too."""
    return {
        "size": _("This pair stands by itself: its groups together would be too large to look at."),
        "tax_id": _("This pair stands by itself: its groups together would have contradicting tax numbers."),
        "verdict": _("This pair stands by itself: records of its groups were told apart by somebody."),
    }.get(why, "")


def trouble_in_words(refused: Exception, kind: str) -> Trouble:
    """Why it was not kept, and what to do. `kind` is what was to be said."""
    match refused:
        case service.Contradiction():
            return _contradiction(refused.chain, kind)
        case service.InHands():
            text = _("%(who)s has taken this group in hand. What you typed is kept on this page.")
            return Trouble("held", _("Not kept."), text % {"who": refused.by})
        case service.KindNeeded():
            return Trouble("kind", _("Not kept."), _("Choose what is to be said about them."))
        case service.ReasonNeeded():
            return Trouble("reason", _("Say why they are not duplicates."))
        case service.Stands():
            text = _("A verdict that tells them apart stands against it. Take it back first:")
            return Trouble("add", _("Not added."), text, [_of(verdict) for verdict in refused.verdicts])
        case service.TooLarge():
            return Trouble("add", _("Not added."), _("The group has as many records as a group may have."))
        case service.Unknown():
            return Trouble(
                "add", _("Not added."), _("There is no other record of this number, or not just one of this name.")
            )
        case ValueError():
            text = _("Tick the records that are meant: two or more; to split some off, not all of them.")
            return Trouble("ticks", _("Not kept."), text)
    text = _("Somebody decided, or a record changed, since you opened it. This is the group as it is now.")
    return Trouble("stale", _("Not kept."), f"{text} {_('What you typed is kept.')}")


def _contradiction(chain: Sequence[service.Link], kind: str) -> Trouble:
    times = Counter(key for link in chain for key in (link.a, link.b))
    labels = {key: label for link in chain for key, label in ((link.a, link.label_a), (link.b, link.label_b))}
    ends = [labels[key] or key for key in labels if times[key] == 1]
    names = {"one": ends[0], "other": ends[1]} if len(ends) == 2 else {}
    if kind == VerdictKind.SAME:
        text = _("So %(one)s and %(other)s cannot be the same.") if names else _("So they cannot be the same.")
    else:
        text = _("So %(one)s and %(other)s cannot be different.") if names else _("So they cannot be different.")
    reasons = Verdict.objects.in_bulk([link.verdict for link in chain if link.verdict])
    said = [_link(link, reasons.get(link.verdict or 0)) for link in chain]
    return Trouble("contradiction", _("Not kept: it contradicts what was decided before."), text % names, said)


def _link(link: service.Link, verdict: Verdict | None) -> Said:
    one, other = link.label_a or link.a, link.label_b or link.b
    day, why = words.day(timezone.localtime(link.at)), verdict.reason if verdict else ""
    told = {"who": link.by, "day": day, "why": why}
    if link.kind == "merged":
        text = _("merged by %(who)s, %(day)s") % told
    else:
        text = (_("by %(who)s, %(day)s: %(why)s") if why else _("by %(who)s, %(day)s")) % told
    sign = "=" if link.kind in _SAME else "≠"
    return Said(one, sign, other, text, link.verdict, _back(one, other))


def _of(verdict: Verdict) -> Said:
    link = service.Link(
        verdict.a,
        verdict.b,
        verdict.label_a,
        verdict.label_b,
        verdict.kind,
        verdict.by.get_username(),
        verdict.at,
        verdict.pk,
    )
    return _link(link, verdict)


def _back(one: str, other: str) -> str:
    return _("Take back: %(one)s and %(other)s") % {"one": one, "other": other}
