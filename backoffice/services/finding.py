"""The search for everything: records of every findable entity, what was opened lately, and what can be done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

from backoffice.flowtly import errors
from backoffice.models import User
from backoffice.resources import PAGES, Record, Resource
from backoffice.services import lists, reading
from backoffice.services.index import Age
from backoffice.services.lists import Answer
from backoffice.services.reading import ListQuery

Answered = Answer | errors.FlowtlyError
MINIMUM = reading.SEARCH_MINIMUM
FINDABLE: tuple[Resource, ...] = tuple(item for item in PAGES.values() if item.findable)
SHOWN = 5  # records of one entity from each source
_ASKED = 25  # records; the page that is looked through where the API has no search
_LONGEST_NUMBER = 9  # digits; what is longer is a tax number


@dataclass(frozen=True)
class Action:
    """A place to go to, or with `sets` a preference to change: its name and the new value."""

    label: str
    url: str
    icon: str
    keys: str = ""
    sets: tuple[str, str] | None = None


@dataclass(frozen=True)
class Hit:
    """A record that was found; `record` is what Flowtly told of it, where it was asked."""

    resource: Resource
    key: str
    label: str
    record: Record | None = None


@dataclass(frozen=True)
class Group:
    """The records of one entity. `problem`: Flowtly could not be asked.

    `left_out`: more match in Flowtly than are shown. `partly`: only a part of the list was looked through.
    `age`: of the index, where it answered instead of Flowtly.
    """

    resource: Resource
    hits: Sequence[Hit]
    problem: errors.FlowtlyError | None = None
    left_out: bool = False
    partly: bool = False
    age: Age | None = None


@dataclass(frozen=True)
class Found:
    """`known` is from the names kept here and costs no request; `asked` is what Flowtly adds to it.

    `more`: Flowtly was not asked yet and can be. `numbered`: records that would have the number that was typed.
    """

    opened: Sequence[Hit] = ()
    known: Sequence[Group] = ()
    numbered: Sequence[Hit] = ()
    actions: Sequence[Action] = ()
    asked: Sequence[Group] = ()
    more: bool = False


def find(*, user: User, text: str, actions: Iterable[Action], ask: bool = True) -> Found:
    """What `text` may mean to this person, who may do `actions`; without a text, what was opened lately.

    With `ask` Flowtly is sent at most one request for each findable entity (and those that find out what it can
    search, once), all at the same time, and none for a text below three characters. An error of Flowtly never
    comes out of here: it stands in the group of its entity.
    """
    text = text.replace("\x00", "").strip()
    if not text:
        return Found(opened=_opened(user), actions=list(actions))
    known = [_known(resource, text) for resource in FINDABLE]
    worth = len(text) >= MINIMUM
    answers = _answers(text) if ask and worth else []
    return Found(
        known=[_told(group, answer) for group, answer in zip_longest(known, answers)],
        numbered=_numbered(text, known),
        actions=[action for action in actions if _fits(action, text)],
        asked=[_others(group, answer) for group, answer in zip(known, answers, strict=False)],
        more=worth and not ask,
    )


def _opened(user: User) -> list[Hit]:
    return [Hit(item.resource, item.key, item.label) for item in reading.recent(user) if item.resource.findable]


def _fits(action: Action, text: str) -> bool:
    """Whether each word of the text stands in the name of the action."""
    name = action.label.casefold()
    return all(word in name for word in text.casefold().split())


def _known(resource: Resource, text: str) -> Group:
    found = reading.named_like(resource=resource, text=text, limit=SHOWN)
    return Group(resource, [Hit(resource, item.key, item.label) for item in found])


def _numbered(text: str, known: Iterable[Group]) -> list[Hit]:
    """Records that were never read here may be opened by their number all the same."""
    if not (text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER):
        return []
    return [
        Hit(group.resource, text, "")
        for group in known
        if group.resource.numbered and text not in {hit.key for hit in group.hits}
    ]


def _answers(text: str) -> Sequence[Answered]:
    return lists.at_once([(resource, ListQuery(search=text, size=_ASKED)) for resource in FINDABLE])


def _told(known: Group, answer: Answered | None) -> Group:
    """The records known here, with what was told of them."""
    if answer is None or isinstance(answer, errors.FlowtlyError):
        return known
    records = {record.key: record for record in answer.page.records}
    return replace(known, hits=[replace(hit, record=records.get(hit.key)) for hit in known.hits])


def _others(known: Group, answer: Answered) -> Group:
    """The records that come to those known here."""
    if isinstance(answer, errors.FlowtlyError):
        return Group(known.resource, [], problem=answer)
    page, here = answer.page, {hit.key for hit in known.hits}
    others = [record for record in page.records if record.key not in here]
    hits = [Hit(known.resource, record.key, record.label, record) for record in others[:SHOWN]]
    untold = page.total is None or "q" in page.narrowed_here
    shown = len(page.records) - len(others) + len(hits)
    left_out = page.has_next or len(others) > SHOWN if untold else (page.total or 0) > shown
    partly = left_out and "q" in page.narrowed_here
    return Group(known.resource, hits, left_out=left_out, partly=partly, age=answer.age)
