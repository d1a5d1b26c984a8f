"""What a set of records is like: how common its words are, which values many share, which keys are of no use.

Counted once in a full scan and frozen: every later look at one record uses the same, so that a pair's score
depends on the two records and on nothing else.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any

from backoffice.matching.data.words import COMMON, PLACES
from backoffice.matching.folding import fold
from backoffice.matching.normalise import Facts

MILLI = 1000  # information and amounts are whole thousandths, so that sums are exact in any order
# A word of one or two records is nobody else's: what it says does not depend on the size of the set.
RARE_INFORMATION = 18 * MILLI
PRIOR_RECORDS = 2000  # smaller sets take the rates of unknown words from the built-in table
COUNTED_FROM = 3  # a word or value of fewer records is not stored: it is taken as rare
SHARED_FROM = 4
DUPLICATES = 0.1  # of a record, give or take: so many namesakes by chance are as likely as a duplicate
# The words of a name are of one language and one trade: so much less each of them says beside the first.
TOGETHER = 2500
FAMILY = 20  # records of one group of companies and their duplicates: a word of no more is theirs alone
NONE, FEW = math.log(0.002), math.log(0.06)  # namesakes by chance for each duplicate
DUE_GROWTH = 0.05
_COMMON = {fold(word): rate for word, rate in COMMON.items()}
_PLACES = frozenset(map(fold, PLACES))


@dataclass(frozen=True)
class Statistics:
    """The frozen statistics of one full scan.

    words: records that have the word, from COUNTED_FROM on. shared: records that hold the value ("phone:…",
    "domain:…", "street:…", "email:…"), from SHARED_FROM on. places: towns of the set. stopped: keys of blocks that
    are too large to be compared (crc32 as in `blocking`). threshold: in hundredths, from the size of the set.
    """

    size: int = 0
    words: dict[str, int] = field(default_factory=dict)
    shared: dict[str, int] = field(default_factory=dict)
    places: frozenset[str] = frozenset()
    stopped: frozenset[int] = frozenset()

    @cached_property
    def _known(self) -> dict[str, int]:
        return {}

    @cached_property
    def threshold(self) -> int:
        from backoffice.matching.weights import threshold

        return threshold(self.size)

    def information(self, word: str) -> int:
        """How much it says that two records share the word: -ln of its rate, in thousandths."""
        known = self._known.get(word)
        if known is None:
            rate = self.words.get(word, 0) / self.size if word in self.words else _COMMON.get(word, 0.0)
            if self.size > PRIOR_RECORDS and word not in self.words:
                rate = 0.0
            known = RARE_INFORMATION if not rate else min(round(-math.log(rate) * MILLI), RARE_INFORMATION)
            self._known[word] = known
        return known

    def is_word(self, word: str) -> bool:
        """Whether the word is so frequent that it is one by itself and no misspelling of another."""
        return self.words.get(word, 0) >= max(COUNTED_FROM, self.size // 20_000)

    def by_chance(self, information: int) -> int:
        """How common words of that information are in a set of this size, in thousandths; 0 for rare ones.

        ln(1 + the number of records that chance alone would give the same words, beside DUPLICATES).
        """
        expected = self._others(information)
        return round(math.log1p(math.exp(min(expected, 20.0))) * MILLI) if expected > -5 else 0

    def namesakes(self, words: Collection[str]) -> int:
        """Whether others have a whole name of these words by chance, in thousandths: from NONE (0) to FEW (1000)
        for each duplicate. A name with a word of one family is nobody else's."""
        if any(self.words.get(word, 0) <= FAMILY for word in words):
            return 0
        expected = self._others(sum(map(self.information, words)) - TOGETHER * (len(words) - 1))
        return round(min(max((expected - NONE) / (FEW - NONE), 0.0), 1.0) * MILLI)

    def _others(self, information: int) -> float:
        """ln of the number of records that chance alone gives the same words, beside DUPLICATES."""
        return math.log(max(self.size, 1) / DUPLICATES) - information / MILLI if self.size else -math.inf

    def is_place(self, word: str) -> bool:
        return word in _PLACES or word in self.places

    def is_shared(self, kind: str, value: str) -> bool:
        """Whether so many records hold the value that it belongs to a group or a bureau."""
        return f"{kind}:{value}" in self.shared

    def due(self, size: int) -> bool:
        """Whether the set has grown so much that a full scan is due."""
        return size > self.size * (1 + DUE_GROWTH)

    def to_json(self) -> str:
        """Compact and the same for the same statistics."""
        found = {
            "size": self.size,
            "words": self.words,
            "shared": self.shared,
            "places": sorted(self.places),
            "stopped": sorted(self.stopped),
        }
        return json.dumps(found, ensure_ascii=False, sort_keys=True, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Statistics:
        found: dict[str, Any] = json.loads(text)
        return cls(
            found["size"],
            found["words"],
            found["shared"],
            frozenset(found["places"]),
            frozenset(found["stopped"]),
        )


def values(facts: Facts) -> Iterable[str]:
    """The values of a record that others may hold too."""
    if facts.phone:
        yield f"phone:{facts.phone}"
    if facts.street and facts.house:
        yield f"street:{facts.house} {facts.street}"
    for name in {facts.domain, *facts.mail_domains} - {""}:
        yield f"domain:{name}"
    for address in facts.emails:
        yield f"email:{address}"


def count(every: Sequence[Facts], stopped: frozenset[int] = frozenset()) -> Statistics:
    """The statistics of a set."""
    words = Counter(chain.from_iterable([facts.bag for facts in every]))
    shared = Counter(chain.from_iterable(map(values, every)))
    places = Counter([facts.city for facts in every if facts.city])
    return Statistics(
        len(every),
        {word: number for word, number in words.items() if number >= COUNTED_FROM},
        {value: number for value, number in shared.items() if number >= SHARED_FROM},
        frozenset(name for name, number in places.items() if number >= COUNTED_FROM),
        stopped,
    )
