"""How sure a merge is said to be: by what the matching found, and by nothing that its author sends."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from backoffice.environment import MergeApproval
from backoffice.models import User
from backoffice.services import approvals
from backoffice.services.merges.sureness import sureness

from .cast import FIRST, KEEPS, SECOND, planned, sure_group
from .pages import NEW, composed, job_at, looked

pytestmark = pytest.mark.django_db(transaction=True)
TWO = f"{NEW}?ids={KEEPS},{FIRST}"


def test_it_is_the_weakest_link_of_the_strongest_chains() -> None:
    sure_group("a", "b", "c", scores=[1500, 900])
    assert (sureness(["c", "a", "b"]), sureness(["a", "b"])) == (9.0, 15.0)
    sure_group("a", "c", scores=[1100])
    assert sureness(["a", "b", "c"]) == 11.0


def test_nobody_knows_of_records_that_no_pairs_join() -> None:
    sure_group("a", "b")
    sure_group("c", "d")
    assert sureness(["a", "b", "c"]) is None
    assert sureness(["a", "b", "c", "d"]) is None
    assert sureness(["a", "c"]) is None


def test_pairs_with_other_records_or_of_clients_tell_nothing() -> None:
    group = sure_group("a", "x", "b")
    assert sureness(["a", "b"]) is None
    group.delete()
    sure_group("a", "b", entity="clients")
    assert sureness(["a", "b"]) is None


def test_the_author_has_no_say(steward: User, browser: Client, settings: LazySettings) -> None:
    settings.MERGE_APPROVAL = MergeApproval(score=10)
    sure_group(KEEPS, FIRST, scores=[900])
    job = job_at(composed(browser, f"{TWO}&score=99", score="99"))
    assert job.spec["score"] == 9.0
    assert [cause.code for cause in approvals.needed(job)] == ["score"]


def test_a_record_that_was_added_counts(steward: User, browser: Client, settings: LazySettings) -> None:
    settings.MERGE_APPROVAL = MergeApproval(score=10)
    sure_group(KEEPS, FIRST)
    assert approvals.needed(planned(steward, gone=[FIRST])) == []
    job = job_at(composed(browser, looked(browser, TWO, other=SECOND)["Location"]))
    assert job.spec["score"] is None
    assert [cause.code for cause in approvals.needed(job)] == ["score"]
