"""Work that is shared with forked processes, which see what is in memory without a copy of it."""

from __future__ import annotations

import gc
import os
import pickle
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from operator import attrgetter
from typing import Any, TypeVar

from backoffice.matching.normalise import Facts, normalise
from backoffice.matching.record import Record

Item = TypeVar("Item")
Found = TypeVar("Found")
_forked: list[Callable[[Any], Any]] = []  # what the forked processes find in their copy of this one
_RECORD = ("id", "name", "url", "tax_id", "street", "post_code", "city", "country", "phone", "emails")
_FACTS = tuple(name for name in Facts.__slots__ if name not in ("bag", "compact"))  # these follow from the words
_of_record, _of_facts = attrgetter(*_RECORD), attrgetter(*_FACTS)


@contextmanager
def undisturbed() -> Iterator[None]:
    """Without the garbage collector, which would look again and again through records that all stay."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def shared(work: Callable[[Item], Found], items: Sequence[Item], workers: int) -> Iterator[tuple[Item, Found]]:
    """(item, work(item)) of each item, in any order. This process is one of the workers."""
    others = min(workers, len(items)) - 1
    if others < 1 or not hasattr(os, "fork"):
        yield from ((item, work(item)) for item in items)
        return
    _forked.append(work)
    gc.freeze()  # so that the others' garbage collectors do not touch, and thereby copy, what is shared
    try:
        with get_context("fork").Pool(others) as pool:
            theirs = pool.imap_unordered(_one, [item for n, item in enumerate(items) if n % (others + 1)])
            yield from ((item, work(item)) for item in items[:: others + 1])
            yield from theirs
    finally:
        _forked.pop()
        gc.unfreeze()


def _one(item: Any) -> tuple[Any, Any]:
    return item, _forked[-1](item)


def normalised(
    records: Iterable[Record], workers: int, step: int, tell: Callable[[int], None]
) -> Iterator[list[Facts]]:
    """The records as they are compared, `step` of them for each worker at a time, in their order.

    tell is called with the number that was read so far.
    """
    source = iter(records)
    # Reading them is this process's alone, so that it has fewer to normalise.
    own = step if workers < 2 else step // 2
    helpers: list[_Helper] = []
    done = 0
    try:
        ours = list(islice(source, own))
        if workers > 1 and len(ours) == own and hasattr(os, "fork"):
            helpers = [_Helper() for _ in range(workers - 1)]
        theirs = [list(islice(source, step)) for _ in helpers]
        while ours:
            asked = [helper for helper, portion in zip(helpers, theirs, strict=True) if helper.give(portion)]
            found = [normalise(record) for record in ours]
            ours = list(islice(source, own))  # the next, while the helpers are at work
            theirs = [list(islice(source, step)) for _ in helpers]
            done += len(found)
            yield found
            for helper in asked:
                found = helper.take()
                done += len(found)
                yield found
            tell(done)
    finally:
        for helper in helpers:
            helper.end()


class _Helper:
    """A forked process that normalises what it is given."""

    def __init__(self) -> None:
        context = get_context("fork")
        self.ours, theirs = context.Pipe()
        self.process: BaseProcess = context.Process(target=_serve, args=(theirs, self.ours), daemon=True)
        self.process.start()
        theirs.close()

    def give(self, records: list[Record]) -> bool:
        """Whether there was something to give."""
        if records:
            self.ours.send_bytes(pickle.dumps([_of_record(record) for record in records], protocol=5))
        return bool(records)

    def take(self) -> list[Facts]:
        return [_facts(values) for values in pickle.loads(self.ours.recv_bytes())]  # noqa: S301

    def end(self) -> None:
        self.ours.close()
        self.process.join(1)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _serve(pipe: Connection, other_end: Connection) -> None:
    other_end.close()
    try:
        while True:
            given = pickle.loads(pipe.recv_bytes())  # noqa: S301
            found = [_of_facts(normalise(Record(*values))) for values in given]
            pipe.send_bytes(pickle.dumps(found, protocol=5))
    except (EOFError, OSError, KeyboardInterrupt):
        return  # nobody asks any more


def _facts(values: tuple[Any, ...]) -> Facts:
    facts = Facts()
    for name, value in zip(_FACTS, values, strict=True):
        setattr(facts, name, value)
    facts.complete()
    return facts
