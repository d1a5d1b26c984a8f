"""The queue of duplicates, its cards and verdicts, for tests that read every page."""

from __future__ import annotations

import itertools
import uuid
from collections.abc import Callable
from datetime import timedelta

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from backoffice.models import DuplicateGroup, Likeness, Scan, User, Verdict
from backoffice.resources import PAGES
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates, index
from backoffice.services.access import give_roles
from tests.duplicates.cast import COUNTERPARTIES, scanned
from tests.visiting import Visit, at

Way = Callable[[Client, SandboxServer], HttpResponse]
_numbers = itertools.count(100)


def _steward() -> User:
    user, made = User.objects.get_or_create(username="steward")
    if made:
        give_roles(user=user, roles=["steward"])
    return user


def _group(sandbox: SandboxServer, names: int = 3) -> DuplicateGroup:
    """Counterparties that were put together; each visit has its own. Their names read the same in any language."""
    number = next(_numbers)
    rows = [{"displayName": f"12345 {number} {place}", "type": "12345"} for place in range(names)]
    keys = [sandbox.add_row("counterparties", row) for row in rows]
    for slug in ("counterparties", "clients"):
        index.refresh(PAGES[slug])
    if duplicates.in_force(COUNTERPARTIES) is None:
        scanned(COUNTERPARTIES, _steward())
    put_together(keys)
    group = DuplicateGroup.objects.filter(members__key=keys[0]).order_by("-size").first()
    assert group is not None
    return group


def put_together(keys: list[str]) -> None:
    """A group of just these, whatever their scores are."""
    for one, other in itertools.combinations(sorted(keys), 2):
        Likeness.objects.get_or_create(
            entity="counterparties",
            a=one,
            b=other,
            defaults={"score": 900, "tier": "sure", "found_at": timezone.now(), "added_by": _steward()},
        )
    duplicates.rebuild(COUNTERPARTIES)


def _at(group: DuplicateGroup, deed: str = "") -> str:
    return f"/duplicates/{group.pk}/{deed}{'/' if deed else ''}"


def _keys(group: DuplicateGroup) -> list[str]:
    return list(group.members.values_list("key", flat=True))


def _say(group: DuplicateGroup, kind: str, keys: list[str] | None = None, *, days: int = 0) -> uuid.UUID:
    return duplicates.decide(
        actor=_steward(),
        group_id=group.pk,
        version=duplicates.queue.card(group).version,
        kind=kind,
        keys=keys or _keys(group),
        reason="12345" if kind != "later" else "",
        until=timezone.now() + timedelta(days=days) if days else None,
    ).act


def _card(names: int = 3) -> Way:
    return lambda browser, sandbox: browser.get(_at(_group(sandbox, names)))


def _said(kind: str, *, days: int = 0) -> Way:
    """The card after a verdict that leaves it where it is."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        group = _group(sandbox)
        act = _say(group, kind, days=days)
        return browser.get(f"{_at(group)}?said={act}")

    return go


def _sends(deed: str, **more: str) -> Way:
    """A verdict that is refused."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        group = _group(sandbox)
        version = more.get("version", duplicates.queue.card(group).version)
        return browser.post(_at(group, deed), {"key": _keys(group), **more, "version": version})

    return go


def _contradiction(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    group = _group(sandbox)
    one, two, three = _keys(group)
    for pair in ([one, two], [two, three]):
        _say(group, "same", pair)
        group.refresh_from_db()
    sent = {"version": duplicates.queue.card(group).version, "key": [one, three], "kind": "separate"}
    return browser.post(_at(group, "decide"), {**sent, "reason_separate": "12345"})


def _stands(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    group = _group(sandbox)
    one, two, three = _keys(group)
    _say(group, "separate", [one, three])
    pair = DuplicateGroup.objects.filter(members__key=two)[0]
    outside = one if three in _keys(pair) else three
    version = duplicates.queue.card(pair).version
    return browser.post(_at(pair, "add"), {"add": outside, "version": version})


def _held(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    group = _group(sandbox)
    other, _made = User.objects.get_or_create(username="12345")
    duplicates.leases.take(other, group)
    return browser.get(_at(group))


def _held_meanwhile(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    group = _group(sandbox)
    sent = {"version": duplicates.queue.card(group).version, "key": _keys(group), "kind": "same"}
    other, _made = User.objects.get_or_create(username="12345")
    duplicates.leases.take(other, group)
    return browser.post(_at(group, "decide"), sent)


def _returned(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    group = _group(sandbox)
    keys = _keys(group)
    _say(group, "separate")
    sandbox.patch_row("counterparties", keys[0], {"displayName": "54321"})
    index.refresh(COUNTERPARTIES)
    duplicates.look_again(COUNTERPARTIES)
    put_together(keys)
    return browser.get(_at(DuplicateGroup.objects.filter(members__key=keys[0])[0]))


def _taken_back(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    act = _say(_group(sandbox), "later", days=7)
    return browser.get(browser.post("/duplicates/back/", {"act": str(act)})["Location"])


def _scans(**values: object) -> Way:
    """The queue while a scan goes on, or after one that ended badly."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        _group(sandbox)
        scan = duplicates.ask(actor=_steward(), resource=COUNTERPARTIES)
        Scan.objects.filter(pk=scan.pk).update(**values)
        answer = browser.get("/duplicates/")
        Scan.objects.filter(pk=scan.pk).delete()
        return answer

    return go


def _empty(**pairs: int) -> Way:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        _group(sandbox)
        DuplicateGroup.objects.all().delete()
        Scan.objects.update(**pairs)
        return browser.get("/duplicates/")

    return go


def _queue(query: str) -> Way:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        _group(sandbox, 6)
        return browser.get(f"/duplicates/{query}")

    return go


def _never(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    index.refresh(COUNTERPARTIES)
    Scan.objects.all().delete()
    return browser.get("/duplicates/")


def _verdicts(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    """Of each kind, and ended in each way."""
    for kind in ("same", "related", "later", "separate"):
        _say(_group(sandbox), kind, days=7 if kind == "later" else 0)
    group = _group(sandbox)
    version = duplicates.queue.card(group).version
    duplicates.drop(actor=_steward(), group_id=group.pk, version=version, key=_keys(group)[0], reason="12345")
    ended = list(Verdict.objects.order_by("-pk")[:3])
    now = timezone.now()
    Verdict.objects.filter(pk=ended[0].pk).update(withdrawn_at=now, withdrawn_by=_steward())
    Verdict.objects.filter(pk=ended[1].pk).update(lapsed_at=now, lapsed_key=ended[1].a, lapsed_fields=["name"])
    Verdict.objects.filter(pk=ended[2].pk).update(carried_to=ended[0])
    return browser.get("/duplicates/verdicts/?state=all")


def _history(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    _verdicts(browser, sandbox)
    duplicates.withdraw(actor=_steward(), verdict=Verdict.objects.order_by("pk")[0])
    return browser.get("/history/")


def _record(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    return browser.get(f"/counterparties/{_keys(_group(sandbox))[0]}/")


DUPLICATES = {
    "no copy to compare": at("/duplicates/", role="steward"),
    "queue never scanned": Visit(_never, role="steward"),
    "queue never scanned, for a viewer": Visit(_never, role="viewer"),
    "queue": Visit(_queue("?q=12345"), role="steward"),
    "queue without a match": Visit(_queue("?q=nobody-of-this-name")),
    "queue of what is put off": Visit(_queue("?state=later")),
    "queue of what is to be merged": Visit(_queue("?state=decided")),
    "queue of nothing": Visit(_empty(pairs=0)),
    "queue all done": Visit(_empty(pairs=5)),
    "scan waits": Visit(_scans(state="waiting"), role="steward"),
    "scan reads": Visit(_scans(state="running", stage="read", done=5), role="steward"),
    "scan compares": Visit(_scans(state="running", stage="compare", done=5, total=50), role="steward"),
    "scan stores": Visit(_scans(state="running", stage="store", done=5, total=50), role="viewer"),
    "scan failed": Visit(_scans(state="failed", problem="Unavailable"), role="steward"),
    "scan stopped": Visit(_scans(state="stopped"), role="steward"),
    "card": Visit(_card(2), role="steward"),
    "card of many": Visit(_card(6), role="steward"),
    "card for a viewer": Visit(_card(), role="viewer"),
    "card held": Visit(_held, role="steward"),
    "card held meanwhile": Visit(_held_meanwhile, role="steward", status=409),
    "card put off": Visit(_said("later", days=7), role="steward"),
    "card put off until a change": Visit(_said("later"), role="steward"),
    "card to be merged": Visit(_said("same"), role="steward"),
    "card returned": Visit(_returned, role="steward"),
    "card taken back": Visit(_taken_back, role="steward"),
    "card without a reason": Visit(_sends("decide", kind="separate"), role="steward", status=422),
    "card stale": Visit(_sends("decide", kind="same", version="0"), role="steward", status=409),
    "card split of all": Visit(_sends("split"), role="steward", status=409),
    "card with an unknown record": Visit(_sends("add", add="987654"), role="steward", status=422),
    "card against a verdict": Visit(_stands, role="steward", status=422),
    "card contradicted": Visit(_contradiction, role="steward", status=409),
    "card gone": at(f"/duplicates/{uuid.UUID(int=0)}/", status=404),
    "record that looks like others": Visit(_record),
    "no verdicts": at("/duplicates/verdicts/"),
    "no verdict of this kind": at("/duplicates/verdicts/?kind=same"),
    "verdicts": Visit(_verdicts, role="steward"),
    "history of verdicts": Visit(_history, role="steward"),
}
