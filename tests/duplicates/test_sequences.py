"""Whatever is said, taken back, changed, merged and restored, in any order: no verdict is lost and none is broken.

Scans and looks are real ones, but that all is compared in this process. Merges and restores stand here as what
their jobs leave behind; tests/duplicates/test_memory.py runs real ones.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from itertools import combinations
from random import Random

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from backoffice import matching
from backoffice.matching import Record
from backoffice.models import DuplicateGroup, Outcome, User, Verb, Verdict
from backoffice.services import duplicates, index
from backoffice.services.duplicates import groups, memory, queue, rebuild, scanning
from backoffice.services.duplicates.comparing import Compared
from backoffice.services.duplicates.said import Joined, pair_of

from .cast import found_by_all, kept, scanned
from .cast_verdicts import COUNTERPARTIES, alike, copied, holding, put, wrote

pytestmark = pytest.mark.django_db
APART = ("separate", "related")
NAMES = ("Gripsholm Optik ApS", "Gripsholm Optik A/S", "GRIPSHOLM OPTIK", "Nordlunde El", "Nordlunde Elektro ApS")
SITES = ("https://gripsholm.example", "nordlunde.example", None)
ACTS = (
    "separate",
    "separate",
    "same",
    "same",
    "related",
    "later",
    "drop",
    "back",
    "change",
    "merge",
    "restore",
    "scan",
    "scan",
)


@pytest.fixture(scope="module", autouse=True)
def _in_this_process(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A scan compares here, and groups are made in many parts. Whoever makes the scan gives no sign of life:
    within a test's transaction nobody would see it."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(
            django_settings, "DATA_DIR", tmp_path_factory.mktemp("data")
        )  # for the anchors of the trail
        patched.setattr(scanning, "compared", _compared)
        patched.setattr(scanning, "BEAT", 3600.0)
        patched.setattr(groups, "PART", 2)
        yield


@contextmanager
def _compared(records: Iterable[tuple[Record, str]], **_told: object) -> Iterator[Compared]:
    every = list(records)
    found = matching.scan(record for record, _digest in every)
    spool = StringIO(
        "".join(json.dumps({**record.to_json(), "digest": digest}) + "\n" for record, digest in every)
    )
    yield Compared(list(found.pairs), found.statistics, found.candidates, len(every), spool)


@dataclass
class Claim:
    """What somebody said of two numbers, as they were then; `over`: taken back, or a field changed."""

    a: str
    b: str
    kind: str
    act: uuid.UUID
    over: bool = False


@dataclass
class World:
    """What ought to be, kept without the product's help."""

    who: User
    alive: set[str]
    to: dict[str, str] = field(default_factory=dict)
    gone: list[str] = field(default_factory=list)
    claims: list[Claim] = field(default_factory=list)

    def now(self, key: str) -> str:
        while key in self.to:
            key = self.to[key]
        return key

    def pair(self, claim: Claim) -> tuple[str, str]:
        return pair_of(self.now(claim.a), self.now(claim.b))

    def open(self) -> list[Claim]:
        return [claim for claim in self.claims if not claim.over and len(set(self.pair(claim))) == 2]

    def expected(self) -> list[tuple[str, str, str]]:
        return sorted((*self.pair(claim), claim.kind) for claim in self.open())

    def told_apart(self) -> list[tuple[str, str]]:
        return [self.pair(claim) for claim in self.open() if claim.kind in APART]

    def contradicts(self, kind: str, keys: Iterable[str]) -> bool:
        said = [self.pair(claim) for claim in self.open() if claim.kind == "same"]
        before, pairs = Joined(said), list(combinations(sorted(keys), 2))
        if kind in APART:
            return any(before.together(*pair) for pair in pairs)
        after = Joined([*said, *pairs])
        return kind == "same" and any(
            after.together(*pair) and not before.together(*pair) for pair in self.told_apart()
        )


@given(st.randoms(use_true_random=False), st.lists(st.sampled_from(ACTS), min_size=3, max_size=14))
@settings(max_examples=60)
def test_no_order_of_events_loses_or_breaks_a_verdict(random: Random, acts: list[str]) -> None:
    with transaction.atomic():
        world = _world(random)
        for act in acts:
            _do(world, random, act)
            _look(world)
        transaction.set_rollback(True)


def _world(random: Random) -> World:
    keys = "abcdef"
    copied()
    for key in keys:
        _put(random, key)
    pairs = list(combinations(keys, 2))
    alike(*random.sample(pairs, random.randint(4, len(pairs))))
    rebuild(COUNTERPARTIES)
    who = User.objects.create_user(username=f"steward {uuid.uuid4()}")
    return World(who, set(keys))


def _do(world: World, random: Random, act: str) -> None:
    match act:
        case "back":
            if acts := list(dict.fromkeys(claim.act for claim in world.open())):
                _take_back(world, random.choice(acts))
        case "change":
            _change(world, random, random.choice(sorted(world.alive)))
        case "merge" if len(world.alive) > 2:
            _merge(world, *random.sample(sorted(world.alive), 2))
        case "restore" if world.gone:
            _restore(world, random)
        case "scan":
            scanned(COUNTERPARTIES, None)
        case "drop" | "separate" | "same" | "related" | "later":
            _say(world, random, act)


def _say(world: World, random: Random, kind: str) -> None:
    cards = queue.page(COUNTERPARTIES, queue.Filters(state="")).groups
    if not cards:
        return
    # In an order of their own: rows of equal score come as they are numbered, which is by chance.
    card = random.choice(sorted(cards, key=lambda card: sorted(member.key for member in card.members)))
    keys = sorted(member.key for member in card.members)
    if kind == "drop":
        done = duplicates.drop(actor=world.who, group_id=card.group.pk, version=card.version, key=keys[0])
        world.claims += [Claim(keys[0], key, "apart", done.act) for key in keys[1:]]
        return
    chosen = random.sample(keys, random.randint(2, len(keys)))

    def decide() -> duplicates.Decided:
        return duplicates.decide(
            actor=world.who, group_id=card.group.pk, version=card.version, kind=kind, keys=chosen, reason="Seen"
        )

    if world.contradicts(kind, chosen):
        with pytest.raises(duplicates.Contradiction) as refused:
            decide()
        there = {(*pair_of(claim.a, claim.b), claim.kind) for claim in world.open()}
        assert {(link.a, link.b, link.kind) for link in refused.value.chain if link.verdict} <= there
        return
    done = decide()
    world.claims += [Claim(a, b, kind, done.act) for a, b in combinations(chosen, 2)]


def _take_back(world: World, act: uuid.UUID) -> None:
    mine = [claim for claim in world.open() if claim.act == act]
    assert duplicates.take_back(actor=world.who, act=act) == len(mine)
    for claim in mine:
        claim.over = True


def _put(random: Random, key: str) -> tuple[str, str | None]:
    """A record that a scan finds to be like some others; its name and site."""
    name, site = random.choice(NAMES), random.choice(SITES)
    put(key, displayName=name, corporateWebsiteUrl=site)
    return name, site


def _follow(key: str) -> None:
    """What the worker does about a record that changed, came or went."""
    if duplicates.in_force(COUNTERPARTIES) is None:
        memory.refresh(COUNTERPARTIES, [key])
    else:
        duplicates.look_again(COUNTERPARTIES)


def _change(world: World, random: Random, key: str) -> None:
    before = duplicates.record_in_index(COUNTERPARTIES, [key])[key]
    another = _put(random, key) != (before.name, before.url or None)
    _follow(key)
    for claim in world.open():
        claim.over = claim.over or (another and key in world.pair(claim))


def _merge(world: World, gone: str, into: str) -> None:
    """What was the same is one by now: nothing is left to be said of it, even where it comes back."""
    wrote(world.who, "merge", Verb.MERGE, Outcome.MERGED, gone, context={"into": into})
    index.remove(COUNTERPARTIES, gone)
    world.alive.remove(gone)
    world.gone.append(gone)
    open_before = world.open()
    world.to[gone] = into
    for claim in open_before:
        claim.over = len(set(world.pair(claim))) == 1 and claim.kind in ("same", "later")
    memory.look(COUNTERPARTIES)
    _follow(gone)


def _restore(world: World, random: Random) -> None:
    """One that went, with a new number."""
    gone = world.gone.pop(random.randrange(len(world.gone)))
    new = f"{gone}r"
    wrote(world.who, "restore", Verb.CREATE, Outcome.CREATED, new, context={"new_of": f"/counterparties/{gone}"})
    _put(random, new)
    world.alive.add(new)
    world.to[gone] = new
    other = random.choice(sorted(world.alive - {new}))
    alike(pair_of(new, other))
    _follow(new)


def _look(world: World) -> None:
    """Nothing that was said is lost, nobody told apart stands together, a full making changes nothing, and once
    there was a scan, the pairs are those of a scan under the same statistics."""
    rows = Verdict.objects.filter(withdrawn_at=None, lapsed_at=None, carried_to=None)
    assert sorted(rows.values_list("a", "b", "kind")) == world.expected()
    made = _groups()
    for members, *_facts in made:
        assert set(combinations(members, 2)).isdisjoint(world.told_apart()), (members, holding())
        assert set(members) <= world.alive
    memory.refresh(COUNTERPARTIES)
    assert _groups() == made
    if duplicates.in_force(COUNTERPARTIES) is not None:
        assert kept(COUNTERPARTIES) == found_by_all(COUNTERPARTIES, duplicates.frozen(COUNTERPARTIES).statistics)


def _groups() -> list[tuple[tuple[str, ...], str, int, str, str]]:
    rows = DuplicateGroup.objects.prefetch_related("members")
    return sorted(
        (tuple(sorted(m.key for m in row.members.all())), row.state, row.score, row.tier, row.apart)
        for row in rows
    )
