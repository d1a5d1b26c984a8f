"""Which pairs are looked at: records that share a key.

Every record has several keys, so that no single typo hides a pair. Keys of blocks that are too large are stopped,
because what so many share says little; their records still meet in their other blocks.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from zlib import crc32

from backoffice.matching.normalise import Facts, label
from backoffice.matching.statistics import Statistics

BLOCK_LIMIT = 30


def keys(facts: Facts, statistics: Statistics) -> set[int]:
    """The keys of a record (32 bits each), under frozen statistics; stopped ones are left out."""
    found = {crc32(key.encode()) for key in _keys(facts, statistics)}
    return found - statistics.stopped if statistics.stopped else found


def _keys(facts: Facts, statistics: Statistics) -> Iterator[str]:
    yield from _name_keys(facts, statistics)
    if facts.tax_id:
        yield "t" + facts.tax_id
    if facts.phone:
        yield "p" + facts.phone[-7:]
    if facts.domain:
        yield "d" + label(facts.domain)
    for name in facts.mail_domains:
        yield "d" + label(name)
    for address in facts.emails:
        yield "e" + address
    if facts.street and facts.house:
        yield f"a{facts.house} {facts.street[:5]}"
        where = facts.post_code or facts.city
        if where:
            yield f"z{facts.house} {where}"


def _name_keys(facts: Facts, statistics: Statistics) -> Iterator[str]:
    """The rarest words alone and two by two, and both ends of the rarest two, so that one typo leaves an end."""
    words = sorted(facts.bag, key=lambda word: (-statistics.information(word), word))[:3]
    if not words:
        return
    yield "c" + facts.compact
    yield "x" + facts.compact[:7]
    for word in words[:2]:
        if statistics.words.get(word, 0) <= BLOCK_LIMIT:
            yield "w" + word
    for one, other in combinations(sorted(words), 2):
        yield f"b{one} {other}"
    first, second = words[0], words[1] if len(words) > 1 else ""
    yield f"h{first[:4]} {second[:3]}"
    yield f"l{first[-4:]} {second[:3]}"
    if second:
        yield f"h{second[:4]} {first[:3]}"
        yield f"l{second[-4:]} {first[:3]}"
    if facts.numbers:
        yield f"i{first[:3]}{first[-2:]} {facts.numbers[0]}"
