"""What is remembered when records change, are merged and are restored: real merges at the sandbox."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from backoffice.models import Job, Likeness, User, Verdict, VerdictKind
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates, edits, index
from backoffice.services.duplicates import memory, queue, rebuild
from backoffice.services.reading import get_record
from tests.merges.cast import FIRST, KEEPS, SECOND, planned, restored, run, stage

from .cast import scanned
from .cast_verdicts import COUNTERPARTIES, alike, group_of, holding, say, shown, to_look_at

# A job of several steps tells with a connection of its own that it is alive.
pytestmark = pytest.mark.django_db(transaction=True)
NORTH, SOUTH = "20", "21"  # two more firms of that name


@pytest.fixture
def steward(sandbox: SandboxServer, person: Callable[[str], User]) -> User:
    """All five look alike, each two of them."""
    stage(sandbox)
    for key, name in ((NORTH, "Hansen El Nord"), (SOUTH, "Hansen El Syd")):
        sandbox.patch_row("counterparties", key, {"displayName": name, "corporateWebsiteUrl": None})
    assert index.refresh(COUNTERPARTIES)
    _pair(*(KEEPS, FIRST, SECOND, NORTH, SOUTH))
    rebuild(COUNTERPARTIES)
    return person("steward")


def _pair(*keys: str) -> None:
    alike(*[(one, other) for number, one in enumerate(keys) for other in keys[number + 1 :]])


def _separate(who: User, one: str, other: str) -> duplicates.Decided:
    group = next(group for group in _groups() if {one, other} <= group)
    return say(who, "separate", [one, other], of=group)


def _groups() -> list[set[str]]:
    found = queue.page(COUNTERPARTIES, queue.Filters(state="")).groups
    return [{member.key for member in card.members} for card in found]


def _largest() -> set[str]:
    return max(_groups(), key=lambda group: len(group))


def _together(one: str, other: str) -> bool:
    return any({one, other} <= group for group in _groups())


def _edit(who: User, key: str, **changes: object) -> None:
    """Saved through the back office, so that the index knows it at once."""
    held = get_record(resource=COUNTERPARTIES, key=key)
    edits.save(
        actor=who,
        resource=COUNTERPARTIES,
        key=key,
        label=held.label,
        base=held.values,
        changes=changes,
        nonce=uuid.uuid4().hex,
        request_id="r",
    )


def _merge(who: User, *gone: str, **more: object) -> Job:
    job = run(planned(who, gone=gone, **more), who)
    memory.look(COUNTERPARTIES)
    return job


def _restore(job: Job, who: User) -> dict[str, str]:
    """The way back, to the end; each old number with the new one."""
    back = run(restored(job, who), who)
    memory.look(COUNTERPARTIES)
    rows = back.phases.filter(steps__verb="create").values_list("steps__context__new_of", "steps__key")
    return {str(old).rsplit("/", 1)[-1]: new for old, new in rows}


# Changes of records


@pytest.mark.parametrize("changed", [KEEPS, NORTH])
def test_it_returns_when_an_identifying_field_of_either_changes_and_says_which(
    steward: User, changed: str
) -> None:
    _separate(steward, KEEPS, NORTH)
    assert not _together(KEEPS, NORTH)
    _edit(steward, changed, requireAttachment=True)
    memory.refresh(COUNTERPARTIES, [changed])
    assert not _together(KEEPS, NORTH)
    _edit(steward, changed, corporateWebsiteUrl="https://hansen-el.dk")
    memory.refresh(COUNTERPARTIES, [changed])
    assert _together(KEEPS, NORTH)
    verdict = Verdict.objects.get()
    assert (verdict.lapsed_key, verdict.lapsed_fields, verdict.open) == (changed, ["url"], False)
    card = next(c for c in queue.page(COUNTERPARTIES, queue.Filters()).groups if c.returned)
    assert {KEEPS, NORTH} <= {member.key for member in card.members}
    assert [str(label) for label in duplicates.labels(COUNTERPARTIES, card.returned)] == ["Website"]
    assert verdict in card.verdicts
    _separate(steward, KEEPS, NORTH)
    assert not _together(KEEPS, NORTH)
    assert all(not c.returned for c in queue.page(COUNTERPARTIES, queue.Filters()).groups)


def test_it_survives_every_scan(steward: User, sandbox: SandboxServer) -> None:
    _separate(steward, KEEPS, NORTH)
    Likeness.objects.update(added_by=steward)  # so that they stay, whatever the scan thinks of them
    for _time in range(2):
        scanned(COUNTERPARTIES, steward)
        assert not _together(KEEPS, NORTH)
        assert holding() == {(KEEPS, NORTH, "separate")}
    sandbox.patch_row("counterparties", NORTH, {"displayName": "Hansen El Vest"})
    scanned(COUNTERPARTIES, steward)
    assert _together(KEEPS, NORTH)
    assert Verdict.objects.get().lapsed_fields == ["name"]


def test_what_was_put_off_comes_back_at_its_time(steward: User) -> None:
    group = _largest()
    say(steward, "later", group, until=timezone.now() + timedelta(days=7))
    assert to_look_at() == set()
    assert not memory.look(COUNTERPARTIES)
    Verdict.objects.update(until=timezone.now() - timedelta(seconds=1))
    assert memory.look(COUNTERPARTIES)
    assert len(to_look_at()) == 1
    assert not memory.look(COUNTERPARTIES)
    assert group_of(group).returned == []


# Merges


def test_after_a_merge_the_group_is_smaller_and_then_gone(steward: User) -> None:
    say(steward, "same", [KEEPS, FIRST, SECOND], of=_largest())
    _merge(steward, FIRST)
    assert {KEEPS, SECOND, NORTH, SOUTH} in _groups()
    assert {(a, b) for a, b, _kind in holding()} == {(KEEPS, SECOND)}
    group = _largest()
    version = queue.card(group_of(group)).version
    for key in (NORTH, SOUTH):
        version = queue.card(group_of(group)).version
        duplicates.drop(actor=steward, group_id=group_of(group).pk, version=version, key=key)
        group -= {key}
    _merge(steward, SECOND)
    assert not any(KEEPS in group for group in _groups())
    assert VerdictKind.SAME not in {kind for _a, _b, kind in holding()}


def test_not_duplicates_of_one_that_went_holds_for_the_one_that_stays(steward: User) -> None:
    said = _separate(steward, FIRST, NORTH)
    _merge(steward, FIRST)
    assert holding() == {(KEEPS, NORTH, "separate")}
    assert not _together(KEEPS, NORTH)
    carried, first = Verdict.objects.get(a=KEEPS), Verdict.objects.get(a=FIRST)
    assert first.carried_to == carried
    assert (carried.by, carried.at, carried.reason, carried.act) == (first.by, first.at, first.reason, said.act)
    assert carried.label_a == "Hansen El A/S"
    assert duplicates.said_in(said.act) == ("separate", 1)
    memory.refresh(COUNTERPARTIES)
    assert Verdict.objects.count() == 2
    duplicates.take_back(actor=steward, act=said.act)
    memory.refresh(COUNTERPARTIES)
    assert holding() == set()
    assert _together(KEEPS, NORTH)


def test_what_the_merge_wrote_into_the_survivor_brings_nothing_back(steward: User, sandbox: SandboxServer) -> None:
    _separate(steward, KEEPS, NORTH)
    _separate(steward, FIRST, SOUTH)
    changes = {"displayName": "Hansen El ApS", "corporateWebsiteUrl": "https://hansen-el.dk"}
    _merge(steward, FIRST, changes=changes)
    for _time in range(2):
        index.refresh(COUNTERPARTIES)
        memory.refresh(COUNTERPARTIES)
        assert holding() == {(KEEPS, NORTH, "separate"), (KEEPS, SOUTH, "separate")}
    assert (sandbox.row("counterparties", KEEPS) or {})["displayName"] == "Hansen El ApS"
    _edit(steward, KEEPS, displayName="Hansen El Holding")
    memory.refresh(COUNTERPARTIES, [KEEPS])
    assert holding() == set()
    assert {tuple(v.lapsed_fields) for v in Verdict.objects.exclude(lapsed_at=None)} == {("name",)}


def test_what_a_merge_wrote_before_the_verdict_explains_nothing_after_it(
    steward: User, sandbox: SandboxServer
) -> None:
    before = (sandbox.row("counterparties", KEEPS) or {})["displayName"]
    _merge(steward, FIRST, changes={"displayName": "Hansen El ApS"})
    _edit(steward, KEEPS, displayName=before)
    memory.refresh(COUNTERPARTIES, [KEEPS])
    _separate(steward, KEEPS, NORTH)
    _edit(steward, KEEPS, displayName="Hansen El ApS")
    memory.refresh(COUNTERPARTIES, [KEEPS])
    assert Verdict.objects.get().lapsed_fields == ["name"]


def test_what_somebody_else_wrote_meanwhile_brings_it_back_in_spite_of_a_merge(
    steward: User, sandbox: SandboxServer
) -> None:
    _separate(steward, KEEPS, NORTH)
    sandbox.patch_row("counterparties", KEEPS, {"corporateWebsiteUrl": "https://nord.dk"})
    _merge(steward, FIRST, changes={"displayName": "Hansen El ApS"})
    index.refresh(COUNTERPARTIES)
    memory.refresh(COUNTERPARTIES)
    assert Verdict.objects.get().lapsed_fields == ["url"]


def test_a_contradiction_through_a_merge_shows_the_merge(steward: User) -> None:
    _separate(steward, FIRST, NORTH)
    _merge(steward, FIRST)
    group = next(group for group in _groups() if {SOUTH, NORTH} <= group)
    say(steward, "same", [SOUTH, NORTH], of=group)
    group = next(group for group in _groups() if {SOUTH, KEEPS} <= group)
    with pytest.raises(duplicates.Contradiction) as refused:
        say(steward, "same", [SOUTH, KEEPS], of=group)
    assert [(link.a, link.b, link.kind, link.by) for link in refused.value.chain] == [
        (FIRST, NORTH, "separate", "steward"),
        (FIRST, KEEPS, "merged", "steward"),
        (NORTH, SOUTH, "same", "steward"),
    ]
    assert {link.verdict for link in refused.value.chain if link.kind == "separate"} == {
        Verdict.objects.get(a=KEEPS).pk
    }


def test_a_merge_counts_before_anybody_looked(steward: User) -> None:
    """The worker has not come by yet when somebody decides."""
    _separate(steward, FIRST, NORTH)
    run(planned(steward, gone=[FIRST]), steward)
    group = next(group for group in _groups() if {KEEPS, NORTH} <= group)
    with pytest.raises(duplicates.Stale):
        say(steward, "same", [KEEPS, NORTH], of=group)
    assert holding() == {(KEEPS, NORTH, "separate")}
    assert not _together(KEEPS, NORTH)


# Restores


def test_after_a_restore_it_holds_for_the_new_number(steward: User) -> None:
    _separate(steward, FIRST, NORTH)
    job = _merge(steward, FIRST)
    new = _restore(job, steward)[FIRST]
    assert {frozenset(pair[:2]) for pair in holding()} == {frozenset((new, NORTH))}
    _pair(*sorted((new, NORTH)))
    memory.refresh(COUNTERPARTIES, [new])
    assert not _together(new, NORTH)
    assert _together(KEEPS, NORTH)
    first = Verdict.objects.get(a=FIRST)
    assert first.carried_to is not None
    assert first.carried_to.carried_to is not None
    for number in (FIRST, KEEPS, new):  # is found by each that it had
        assert list(duplicates.listed(duplicates.Wanted(text=number))) == [first.carried_to.carried_to]


def test_what_was_said_of_the_survivor_itself_stays_with_it(steward: User) -> None:
    _separate(steward, FIRST, NORTH)
    _separate(steward, KEEPS, NORTH)
    job = _merge(steward, FIRST)
    new = _restore(job, steward)[FIRST]
    pairs = {frozenset(pair[:2]) for pair in holding()}
    assert pairs == {frozenset((new, NORTH)), frozenset((KEEPS, NORTH))}


def test_two_that_were_merged_in_spite_of_it_are_told_apart_again(steward: User) -> None:
    """That they were the same, on the other hand, was why they were merged."""
    _separate(steward, KEEPS, FIRST)
    group = next(group for group in _groups() if {KEEPS, SECOND} <= group)
    say(steward, "same", [KEEPS, SECOND], of=group)
    job = _merge(steward, FIRST, SECOND, even_so=[f"{KEEPS}-{FIRST}"])
    assert holding() == set()
    new = _restore(job, steward)
    assert {frozenset(pair[:2]) for pair in holding()} == {frozenset((KEEPS, new[FIRST]))}


def test_a_restored_one_that_is_merged_again(steward: User) -> None:
    _separate(steward, FIRST, NORTH)
    new = _restore(_merge(steward, FIRST), steward)[FIRST]
    index.refresh(COUNTERPARTIES)
    _merge(steward, new)
    assert holding() == {(KEEPS, NORTH, "separate")}
    assert not _together(KEEPS, NORTH)
    assert shown()
