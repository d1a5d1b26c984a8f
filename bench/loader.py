"""A process that asks one server for many pages at once, and times each."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from bench.question import answer, question

LONGEST = 60.0  # seconds for one page; a longer one counts as an error


@dataclass
class Load:
    """`rows` times `mark` in a body with status 200 is a page; anything else is an error."""

    base: str
    paths: list[str]
    cookie: str
    mark: str
    rows: int
    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    _local: threading.local = field(default_factory=threading.local)

    def page(self, path: str) -> None:
        began = time.perf_counter()
        wrong = self._wrong(path)
        self.times.append(time.perf_counter() - began)
        if wrong:
            self.errors.append(f"{path}: {wrong}")

    def _wrong(self, path: str) -> str:
        try:
            response = self._session().get(self.base + path, timeout=LONGEST, allow_redirects=False)
        except requests.RequestException as error:
            return type(error).__name__
        rows = response.content.count(self.mark.encode())
        return "" if (response.status_code, rows) == (200, self.rows) else f"{response.status_code}, {rows} rows"

    def _session(self) -> requests.Session:
        """One for each thread: a browser that keeps its connection."""
        if not hasattr(self._local, "session"):
            self._local.session = session = requests.Session()
            session.trust_env = False
            session.headers["Cookie"] = self.cookie
        found: requests.Session = self._local.session
        return found


def main() -> None:
    asked = question()
    number, at_once = asked.pop("requests"), asked.pop("at_once")
    load = Load(**asked)
    wanted = list(itertools.islice(itertools.cycle(load.paths), number))
    with ThreadPoolExecutor(at_once) as pool:
        warm_up = wanted[: at_once * 3]  # connections, templates and labels are there afterwards
        _send(load, pool, warm_up)
        load.times.clear()
        load.errors.clear()
        began = time.perf_counter()
        _send(load, pool, wanted)
        seconds = time.perf_counter() - began
    answer(
        {
            "times": load.times,
            "seconds": seconds,
            "errors": len(load.errors),
            "shown": load.errors[:1],
            "asked": len(warm_up) + number,
        }
    )


def _send(load: Load, pool: ThreadPoolExecutor, paths: list[str]) -> None:
    done: Iterator[None] = pool.map(load.page, paths)
    for _ in done:
        pass


if __name__ == "__main__":
    main()
