"""The retry decision and Retry-After, without a wire."""

from __future__ import annotations

import threading
from email.utils import formatdate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.flowtly.retry import (
    GiveUp,
    LocalBackoff,
    Met,
    Outcome,
    Policy,
    Unknown,
    Wait,
    decide,
    parse_retry_after,
    throttle_pause,
)

POLICY = Policy(attempts=3, first_wait=1, longest_wait=4, throttle_wait=2, throttle_budget=20)
NOW = 1_800_000_000.0


@pytest.mark.parametrize(
    ("met", "read", "write"),
    [
        (Met.NO_CONNECTION, Wait(1), GiveUp()),
        (Met.LOST, Wait(1), Unknown()),
        (Met.BUSY, Wait(1), Unknown()),
        (Met.BROKEN, GiveUp(), Unknown()),
        (Met.UNREADABLE, GiveUp(), Unknown()),
        (Met.THROTTLED, Wait(2), Wait(2)),
    ],
)
def test_the_table_of_the_docstring(met: Met, read: object, write: object) -> None:
    assert decide(True, Outcome(met), 1, POLICY, jitter=1) == read
    assert decide(False, Outcome(met), 1, POLICY, jitter=1) == write


def test_waits_grow_to_their_cap_and_then_end() -> None:
    patient = Policy(attempts=6, first_wait=1, longest_wait=4)
    waits = [decide(True, Outcome(Met.BUSY), attempt, patient, jitter=1) for attempt in range(1, 7)]
    assert waits == [Wait(1), Wait(2), Wait(4), Wait(4), Wait(4), GiveUp()]


def test_a_429_gives_up_when_the_budget_is_spent() -> None:
    asked = Outcome(Met.THROTTLED, retry_after=8)
    assert decide(False, asked, 2, POLICY, waited=12) == Wait(8)
    assert decide(False, asked, 2, POLICY, waited=13) == GiveUp()


@given(
    met=st.sampled_from(Met),
    repeatable=st.booleans(),
    attempt=st.integers(1, 10_000),
    retry_after=st.none() | st.floats(0, 1e12),
    waited=st.floats(0, 1e6),
    jitter=st.floats(0, 1),
)
def test_no_wait_is_longer_than_the_policy_allows(
    met: Met, repeatable: bool, attempt: int, retry_after: float | None, waited: float, jitter: float
) -> None:
    decision = decide(repeatable, Outcome(met, retry_after), attempt, POLICY, waited=waited, jitter=jitter)
    if isinstance(decision, Wait):
        assert 0 <= decision.seconds <= max(POLICY.longest_wait, POLICY.throttle_budget - waited)
    if not repeatable and met is not Met.THROTTLED:
        assert not isinstance(decision, Wait)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120),
        (" 7 ", 7),
        ("1.5", 1.5),
        ("0", 0),
        ("-3", 0),
        ("", None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("1e999", None),
        (formatdate(NOW + 90, usegmt=True), 90),
        (formatdate(NOW - 90, usegmt=True), 0),
        ("Fri, 15 Jan 2027 09:00:30 +0100", 30),
        ("Fri, 15 Jan 2027 08:00:30", 30),
        ("Fri, 99 Jan 2027 08:00:30 GMT", None),
        (None, None),
    ],
)
def test_retry_after(value: str | None, seconds: float | None) -> None:
    assert parse_retry_after(value, NOW) == seconds


def test_a_date_counts_from_the_servers_own_clock() -> None:
    its_now = formatdate(NOW - 7_200, usegmt=True)
    asked = formatdate(NOW - 7_190, usegmt=True)
    assert parse_retry_after(asked, NOW, server_date=its_now) == 10
    assert parse_retry_after(asked, NOW, server_date="yesterday") == 0


@pytest.mark.parametrize("asked", [0, 0.4])
def test_asking_for_next_to_nothing_is_answered_by_growing_waits(asked: float) -> None:
    pauses = [throttle_pause(Outcome(Met.THROTTLED, asked), attempt, POLICY) for attempt in (1, 2, 3)]
    assert pauses == [2, 4, 8]


@given(st.text() | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ ([+-]\d+|GMT)?"))
def test_retry_after_never_raises(value: str) -> None:
    seconds = parse_retry_after(value, NOW)
    assert seconds is None or 0 <= seconds < float("inf")


@given(st.integers(0, 10**9))
def test_retry_after_reads_every_date_that_is_written(seconds: int) -> None:
    assert parse_retry_after(formatdate(NOW + seconds, usegmt=True), NOW) == seconds


def test_a_silence_is_only_ever_prolonged() -> None:
    backoff = LocalBackoff()
    assert backoff.wait_until() is None
    threads = [threading.Thread(target=backoff.announce, args=(float(end),)) for end in (5, 9, 2, 7)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert backoff.wait_until() == 9
