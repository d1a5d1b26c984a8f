"""A Flowtly that answers in ways of its own: each row ends with the truth, and nothing is sent twice."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.conf import LazySettings

from backoffice.models import Forecast, Job, Outcome, User
from backoffice.services import bulk
from backoffice.services.bulk import FieldChange, How
from tests.bulk.cast import COUNTERPARTIES, by_key, chosen, forecasts, outcomes, planned, put, run, steps
from tests.bulk.odd import Answer, OddServer, Twist

pytestmark = pytest.mark.django_db(transaction=True)
Person = Callable[[str], User]
OLD, NEW = 14, 33


@pytest.fixture(scope="module")
def _odd() -> Iterator[OddServer]:
    with OddServer(clients=40, counterparties=20) as server:
        yield server


@pytest.fixture
def odd(_odd: OddServer, connect: Callable[[OddServer], OddServer]) -> Iterator[OddServer]:
    _odd.reset()
    for key in range(1, 41):
        _odd.patch_row("clients", key, {"dueDays": OLD})
    _odd.clear_log()
    _odd.bodies.clear()
    yield connect(_odd)
    _odd.stored = _odd.answer = None
    _odd.clear_faults()


@pytest.fixture
def owner(odd: OddServer, person: Person) -> User:
    return person("steward")


def three(owner: User, *changes: FieldChange) -> Job:
    return planned(owner, chosen(owner, "1", "2", "3"), *(changes or (put("dueDays", NEW),)))


def undone(job: Job, owner: User) -> Job:
    return run(bulk.undo(job=job, actor=owner, nonce=uuid.uuid4().hex, request_id="test"), owner)


def days(odd: OddServer) -> list[Any]:
    return [(odd.row("clients", key) or {})["dueDays"] for key in (1, 2, 3)]


def to_writes(twist: Callable[[Answer], None], path: str = "") -> Twist:
    def each(answer: Answer) -> None:
        if answer.method == "PATCH" and path in ("", answer.path):
            twist(answer)

    return each


# Answers that do not show what became of it


def say_nothing(answer: Answer) -> None:
    answer.body = None


def done_without_words(answer: Answer) -> None:
    answer.status, answer.body = 204, None


def taken(answer: Answer) -> None:
    answer.status, answer.body = 202, None


def html_page(answer: Answer) -> None:
    answer.body = "<html><body>Maintenance</body></html>"
    answer.headers["Content-Type"] = "text/html"


def another_record(answer: Answer) -> None:
    answer.body = {**answer.body, "@id": "/clients/9", "dueDays": 77}


def only_its_address(answer: Answer) -> None:
    answer.body = {"@id": answer.body["@id"], "@type": "Client"}


def as_before(answer: Answer) -> None:
    answer.body = {**answer.body, "dueDays": OLD}


def a_list(answer: Answer) -> None:
    answer.body = [answer.body]


def elsewhere(answer: Answer) -> None:
    answer.status, answer.headers["Location"] = 303, "/clients/9"


SAYS_LITTLE = [
    say_nothing,
    done_without_words,
    taken,
    html_page,
    another_record,
    only_its_address,
    as_before,
    a_list,
    elsewhere,
]


@pytest.mark.parametrize("twist", SAYS_LITTLE)
def test_an_answer_that_says_little_is_read_back_and_nothing_is_sent_again(
    odd: OddServer, owner: User, twist: Callable[[Answer], None]
) -> None:
    job = three(owner)
    odd.answer = to_writes(twist)
    job = run(job, owner)
    assert outcomes(job) == dict.fromkeys("123", Outcome.CHANGED)
    assert sorted(odd.bodies) == [(f"/clients/{key}", {"dueDays": NEW}) for key in (1, 2, 3)]
    assert {(step.after or {})["dueDays"] for step in steps(job)} == {NEW}
    odd.answer = None
    assert set(outcomes(undone(job, owner)).values()) == {Outcome.CHANGED}
    assert days(odd) == [OLD] * 3


@pytest.mark.parametrize(
    ("twist", "outcome"),
    [
        (done_without_words, Outcome.REJECTED),
        (taken, Outcome.UNKNOWN),
        (say_nothing, Outcome.NOT_WRITTEN),
        (only_its_address, Outcome.REJECTED),
        (html_page, Outcome.NOT_WRITTEN),
        (another_record, Outcome.NOT_WRITTEN),
        (None, Outcome.REJECTED),
    ],
)
def test_a_yes_that_changed_nothing_is_not_told_as_changed(
    odd: OddServer, owner: User, twist: Callable[[Answer], None] | None, outcome: Outcome
) -> None:
    job = three(owner)
    odd.stored = lambda _sent: {}
    odd.answer = to_writes(twist) if twist else None
    job = run(job, owner)
    assert outcomes(job) == dict.fromkeys("123", outcome)
    assert len(odd.bodies) == 3
    assert bulk.undoable(job) == 0
    assert bulk.retriable(job) == 3
    assert all(step.error and step.error["message"] for step in steps(job))


def test_a_field_of_two_that_was_passed_over_is_not_told_as_changed(odd: OddServer, owner: User) -> None:
    city = (odd.row("clients", 1) or {})["addressCity"]
    job = three(owner, put("dueDays", NEW), put("addressCity", "Aarhus"))
    odd.stored = lambda sent: {name: value for name, value in sent.items() if name != "addressCity"}
    job = run(job, owner)
    step = by_key(job)["1"]
    assert (step.outcome, (step.after or {})["addressCity"]) == (Outcome.CHANGED, city)
    assert "kept" in (step.error or {})["message"]
    odd.stored = None
    odd.bodies.clear()
    undone(job, owner)
    assert sorted(odd.bodies) == [(f"/clients/{key}", {"dueDays": OLD}) for key in (1, 2, 3)]


# A Flowtly that makes another value of what it is sent


def loud(sent: dict[str, Any]) -> dict[str, Any]:
    return {name: value.strip().upper() if isinstance(value, str) else value for name, value in sent.items()}


def test_what_the_server_makes_of_a_value_is_what_is_kept_and_undone(odd: OddServer, owner: User) -> None:
    before = [(odd.row("clients", key) or {})["invoiceComment"] for key in (1, 2, 3)]
    odd.stored = loud
    job = run(three(owner, put("invoiceComment", "see contract")), owner)
    assert outcomes(job) == dict.fromkeys("123", Outcome.CHANGED)
    assert {(step.after or {})["invoiceComment"] for step in steps(job)} == {"SEE CONTRACT"}
    odd.stored = None
    undo = bulk.undo(job=job, actor=owner, nonce="u", request_id="test")
    assert set(forecasts(undo).values()) == {Forecast.CHANGE}  # its own doing is no foreign edit
    assert set(outcomes(run(undo, owner)).values()) == {Outcome.CHANGED}
    assert [(odd.row("clients", key) or {})["invoiceComment"] for key in (1, 2, 3)] == before


def test_a_lost_answer_about_a_value_that_was_made_another_is_for_a_person(odd: OddServer, owner: User) -> None:
    job = three(owner, put("invoiceComment", "see contract"))
    odd.stored = loud
    odd.fault("reset", method="PATCH", path="/clients/2", apply=True)
    job = run(job, owner)
    assert outcomes(job) == {"1": Outcome.CHANGED, "2": Outcome.UNKNOWN, "3": Outcome.CHANGED}
    assert len(odd.bodies) == 3


# Types that are not what was declared


def typed(answer: Answer) -> None:
    """Numbers as text, texts as numbers, truths as 0 and 1."""
    members = answer.body.get("hydra:member", [answer.body]) if isinstance(answer.body, dict) else []
    for each in members:
        for name, value in each.items():
            if name == "dueDays":
                each[name] = str(value)
            elif name == "cyclic" or (name == "tin" and str(value).isdigit()):
                each[name] = int(value)


def test_numbers_as_text_are_numbers(odd: OddServer, owner: User) -> None:
    odd.patch_row("clients", 2, {"dueDays": NEW})
    odd.answer = typed
    job = three(owner)
    assert forecasts(job) == {"1": Forecast.CHANGE, "2": Forecast.ALREADY, "3": Forecast.CHANGE}
    odd.fault("reset", method="PATCH", path="/clients/3", apply=True)
    job = run(job, owner)
    assert outcomes(job) == {"1": Outcome.CHANGED, "2": Outcome.ALREADY, "3": Outcome.CHANGED}
    assert sorted(odd.bodies) == [("/clients/1", {"dueDays": NEW}), ("/clients/3", {"dueDays": NEW})]
    more = run(three(owner, FieldChange("dueDays", How.ADD, 2), FieldChange("vatNumber", How.COPY, "tin")), owner)
    assert set(outcomes(more).values()) == {Outcome.CHANGED}
    assert days(odd) == [NEW + 2] * 3
    undone(more, owner)
    assert days(odd) == [NEW] * 3


def test_truths_as_numbers_are_truths(odd: OddServer, owner: User) -> None:
    odd.patch_row("counterparties", 1, {"cyclic": True})
    odd.patch_row("counterparties", 2, {"cyclic": False})
    odd.answer = typed
    held = chosen(owner, "1", "2", resource=COUNTERPARTIES)
    job = run(planned(owner, held, put("cyclic", True), resource=COUNTERPARTIES), owner)
    assert outcomes(job) == {"1": Outcome.ALREADY, "2": Outcome.CHANGED}
    assert odd.bodies == [("/counterparties/2", {"cyclic": True})]


# A record that is not the one that was asked for


@pytest.mark.parametrize("when", ["preview", "run"])
def test_a_record_that_answers_as_another_is_never_written_to(odd: OddServer, owner: User, when: str) -> None:
    job = three(owner) if when == "run" else None

    def merged(answer: Answer) -> None:
        if answer.path == "/clients/2":
            answer.body = {**answer.body, "@id": "/clients/9"}

    odd.answer = merged
    job = run(job or three(owner), owner)
    assert outcomes(job) == {"1": Outcome.CHANGED, "2": Outcome.GONE, "3": Outcome.CHANGED}
    assert sorted(path for path, _body in odd.bodies) == ["/clients/1", "/clients/3"]


def test_a_record_that_moved_to_another_is_never_written_to(odd: OddServer, owner: User) -> None:
    job = three(owner)

    def moved(answer: Answer) -> None:
        if answer.path == "/clients/2":
            answer.status, answer.body, answer.headers["Location"] = 301, None, "/clients/9"

    odd.answer = moved
    job = run(job, owner)
    assert outcomes(job)["2"] == Outcome.GONE
    assert sorted(path for path, _body in odd.bodies) == ["/clients/1", "/clients/3"]


# Lists that are not right


def total_of(number: int) -> Twist:
    def told(answer: Answer) -> None:
        if isinstance(answer.body, dict) and "hydra:totalItems" in answer.body:
            answer.body["hydra:totalItems"] = number

    return told


def twice(answer: Answer) -> None:
    """One record stands in each page a second time, in the place of another."""
    members = answer.body.get("hydra:member", []) if isinstance(answer.body, dict) else []
    if len(members) > 3:
        members[2] = members[0]


def without_due_days(answer: Answer) -> None:
    """The list leaves the field out; only the records have it."""
    for each in answer.body.get("hydra:member", []) if isinstance(answer.body, dict) else []:
        each.pop("dueDays", None)


@pytest.mark.parametrize("twist", [total_of(400), total_of(43), twice, without_due_days])
def test_a_list_that_is_wrong_leaves_each_record_to_be_read_itself(
    odd: OddServer, owner: User, settings: LazySettings, twist: Twist
) -> None:
    settings.FLOWTLY_PAGE_SIZE = 10
    keys = [str(key) for key in range(1, 31)]
    odd.patch_row("clients", 5, {"dueDays": NEW})
    held = chosen(owner, *keys)
    odd.answer = twist
    job = planned(owner, held, put("dueDays", NEW))
    assert forecasts(job) == {key: Forecast.ALREADY if key == "5" else Forecast.CHANGE for key in keys}
    job = run(job, owner)
    assert outcomes(job) == {key: Outcome.ALREADY if key == "5" else Outcome.CHANGED for key in keys}
    assert sorted(odd.bodies) == sorted((f"/clients/{key}", {"dueDays": NEW}) for key in keys if key != "5")


# Refusals of single rows


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (400, Outcome.REJECTED),
        (403, Outcome.REJECTED),
        (404, Outcome.GONE),
        (405, Outcome.REJECTED),
        (409, Outcome.REJECTED),
        (410, Outcome.GONE),
        (412, Outcome.REJECTED),
        (415, Outcome.REJECTED),
        (422, Outcome.REJECTED),
        (500, Outcome.NOT_WRITTEN),
    ],
)
def test_a_refused_write_is_the_rows_own_and_is_not_sent_again(
    odd: OddServer, owner: User, status: int, outcome: Outcome
) -> None:
    job = three(owner)
    odd.fault("status", method="PATCH", path="/clients/2", status=status, detail="In the words of Flowtly")
    job = run(job, owner)
    assert outcomes(job) == {"1": Outcome.CHANGED, "2": outcome, "3": Outcome.CHANGED}
    assert [path for path, _body in odd.bodies].count("/clients/2") == 1
    if outcome is Outcome.REJECTED:
        assert "In the words of Flowtly" in str(by_key(job)["2"].error)


def test_a_relation_that_is_null_is_one_that_is_absent(odd: OddServer, owner: User) -> None:
    for key in (1, 2, 3):
        odd.patch_row("clients", key, {"defaultCost": None})
    job = three(owner, FieldChange("defaultCost", How.CLEAR), put("dueDays", NEW))
    odd.set_profile(omit_nulls=False)
    job = run(job, owner)
    odd.set_profile(omit_nulls=True)
    assert [body for _path, body in odd.bodies] == [{"dueDays": NEW}] * 3
    again = run(three(owner, put("defaultCost", "/counterparties/3")), owner)
    undone(again, owner)
    assert {(odd.row("clients", key) or {})["defaultCost"] for key in (1, 2, 3)} == {None}


@pytest.mark.parametrize("whole", [True, False])
def test_a_relation_without_its_address_is_never_taken_for_nothing(
    odd: OddServer, owner: User, whole: bool
) -> None:
    """Its key is known, and what was there comes back."""
    before = [(odd.row("clients", key) or {})["country"] for key in (1, 2, 3)]

    def bare(answer: Answer) -> None:
        for each in answer.body.get("hydra:member", [answer.body]) if isinstance(answer.body, dict) else []:
            if isinstance(each.get("country"), str):
                key = int(each["country"].rpartition("/")[2])
                each["country"] = {"id": key, "code": "XX"} if whole else key

    odd.answer = bare
    job = run(three(owner, put("country", "/countries/2")), owner)
    assert set(outcomes(job).values()) <= {Outcome.CHANGED, Outcome.ALREADY}
    undone(job, owner)
    assert [(odd.row("clients", key) or {})["country"] for key in (1, 2, 3)] == before
