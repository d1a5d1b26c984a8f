"""Which pairs are looked at: records that share a key.

Every record has several keys, so that no single typo hides a pair. Keys of blocks that are too large are stopped,
because what so many share says little; their records still meet in their other blocks. Some keys are a whole value
(a number, an address, a name), others pieces of one, in which strangers meet too: the more of them the larger the
set. Therefore blocks of pieces are stopped earlier in a larger set, and their pieces are longer.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import combinations
from zlib import crc32

from backoffice.matching.normalise import Facts, label
from backoffice.matching.statistics import Statistics

BLOCK_LIMIT = 20
SMALL = 10_000  # records: so many may share pieces as well as values
ROOT = 0.2  # the power of the size with which the limit for pieces falls: 13 among 100,000, 8 among a million
LARGE = 50_000  # records: pieces have a letter more


def keys(facts: Facts, statistics: Statistics) -> set[int]:
    """The keys of a record (32 bits each), under frozen statistics; stopped ones are left out."""
    found = {crc32(key.encode()) | 1 for key in _values(facts)}
    found.update([crc32(key.encode()) & ~1 for key in _pieces(facts, statistics)])
    return found - statistics.stopped if statistics.stopped else found


def limit(key: int, size: int) -> int:
    """How many records a block may have in a set of that size; the lowest bit tells values from pieces."""
    return BLOCK_LIMIT if key & 1 else _pieces_limit(size)


@cache
def _pieces_limit(size: int) -> int:
    share: float = (SMALL / max(size, SMALL)) ** ROOT
    return round(BLOCK_LIMIT * share)


def _values(facts: Facts) -> Iterator[str]:
    if facts.compact:
        # Its letters in order: words turned round or typed together, and letters turned round.
        yield "s" + "".join(sorted(facts.compact))
    if facts.tax_id:
        yield "t" + facts.tax_id
    if facts.phone:
        yield "p" + facts.phone[-7:]
    for name in {facts.domain, *facts.mail_domains}:
        if name:
            yield "d" + label(name)
    if facts.street and facts.house and (where := facts.post_code or facts.city):
        yield f"z{facts.house} {where}"


def _pieces(facts: Facts, statistics: Statistics) -> Iterator[str]:
    """Of the address and of mail; of the name its rarest words, and both ends of the rarest two: one typo leaves
    an end."""
    words = sorted(facts.bag, key=lambda word: (-statistics.information(word), word))[:3]
    more = statistics.size >= LARGE
    for address in facts.emails:  # companies' own are told by their domain; the rest are bureaus' and namesakes'
        yield "e" + address
    if facts.street and facts.house:
        # In a large set streets and towns have namesakes too.
        yield f"a{facts.house} {facts.street[:5]} {facts.city[:3]} {words[0][0] if words and more else ''}"
    if not words:
        return
    end, beside = 4 + more, 3 + more
    yield "x" + facts.compact[: 7 + more]
    alone = _pieces_limit(statistics.size)
    for word in words[:2]:
        if statistics.words.get(word, 0) <= alone:
            yield "w" + word
    if len(words) > 2:  # of two words it would be the name
        for one, other in combinations(sorted(words), 2):
            yield f"b{one} {other}"
    first, second = words[0], words[1] if len(words) > 1 else ""
    numbers = " ".join(facts.numbers)  # where they differ it is another company
    yield f"h{first[:end]} {second[:beside]} {numbers}"
    yield f"l{first[-end:]} {second[:beside]} {numbers}"
    if second:
        yield f"h{second[:end]} {first[:beside]} {numbers}"
        yield f"l{second[-end:]} {first[:beside]} {numbers}"
    if numbers:
        yield f"i{first[:3]}{first[-2:]} {facts.numbers[0]}"
    if facts.domain and statistics.is_shared("domain", facts.domain):
        for word in words[:2]:
            yield f"f{label(facts.domain)} {word[:3]}"
