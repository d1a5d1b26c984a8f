"""How two names compare: signals with amounts in thousandths, see `features`."""

from __future__ import annotations

from itertools import pairwise, permutations

from rapidfuzz.distance import OSA, JaroWinkler

from backoffice.matching.normalise import Facts, label
from backoffice.matching.statistics import MILLI, Statistics

Signals = list[tuple[str, int]]
ONCE = MILLI
FIRST_WORDS = 14 * MILLI
MORE_WORDS = 12 * MILLI
MOST_AGAINST = 10 * MILLI
RARE = 8 * MILLI
TYPO = 3 * MILLI  # so much less says a word that agrees but for one typo
LETTERS_PER_TYPO = 8  # of whole names, whose words may be typed together
_ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")
_BESIDE = [
    *(pair for row in _ROWS for pair in pairwise(row)),
    *(pair for upper, lower in pairwise(_ROWS) for at in (0, 1) for pair in zip(upper[at:], lower, strict=False)),
]
KEYS_BESIDE = frozenset(text for one, other in _BESIDE for text in (one + other, other + one))
INITIALS = range(2, 6)  # letters of a name that stands for its words


def informal(a: Facts, b: Facts) -> bool:
    """Whether both are places rather than companies. Two legal forms make companies of them."""
    return a.informal and b.informal and not (a.form and b.form)


def compare_names(a: Facts, b: Facts, statistics: Statistics) -> Signals:
    """What the words of the names say. It takes longest, so a scan asks for it last."""
    found: Signals = []
    if a.compact and b.compact:
        _name(a, b, statistics, informal(a, b), found)
    return found


def _name(a: Facts, b: Facts, statistics: Statistics, as_places: bool, found: Signals) -> None:
    information = statistics.information
    if a.bag == b.bag or a.compact == b.compact:
        found.append(("informal_same" if as_places else "name_same", ONCE))
        words = a.bag if a.bag == b.bag else min(a.bag, b.bag, key=lambda bag: (len(bag), sorted(bag)))
        _agreeing([information(word) for word in words], statistics, as_places, found)
        _namesakes(a, b, words, statistics, found)
        return
    common = a.bag & b.bag
    left, right = a.bag - common, b.bag - common
    near: list[tuple[int, int]] = []
    initials = False
    if left and right:
        left, right, near = _nearly(left, right, statistics)
        if left and right:
            left, right = _together(a, b, left, right, statistics, near)
            initials = bool(left and right) and (_initials(a, b, left) or _initials(b, a, right))
    agreed = [information(word) for word in common]
    _agreeing(agreed + [amount - TYPO * distance for distance, amount in near], statistics, as_places, found)
    if typos := sum(distance for distance, _ in near):
        found.append(("name_typos", min(typos, 3) * ONCE))
        if max(amount for distance, amount in near if distance) >= max(agreed, default=0):
            found.append(("name_rare_typo", ONCE))
        if _replaced(a.compact, b.compact):
            found.append(("name_letter_replaced", ONCE))
    if not common and not near:
        found.append(("name_nothing", ONCE))
    kind = "informal" if as_places else "name"
    if initials:
        found.append(("name_initials", ONCE))
    elif _nothing_left(left, right, statistics, kind, found):
        found.append(("name_same_but_typos" if typos else f"{kind}_same", ONCE))
        # The commoner one is what both were meant to be.
        words = max(a.bag, b.bag, key=lambda bag: (statistics.namesakes(bag), sorted(bag)))
        _namesakes(a, b, words, statistics, found)
    if JaroWinkler.similarity(a.compact, b.compact) < 0.7:
        found.append(("name_unlike", ONCE))


def _agreeing(amounts: list[int], statistics: Statistics, as_places: bool, found: Signals) -> None:
    amount = sum(amounts)
    if amount:
        if common := statistics.by_chance(amount):
            found.append(("name_common", common))
        found.append(("name_words", min(amount, FIRST_WORDS)))
        if amount > FIRST_WORDS:
            found.append(("name_words_more", min(amount - FIRST_WORDS, MORE_WORDS)))
        if max(amounts) >= RARE:
            found.append(("informal_rare_word" if as_places else "name_rare_word", ONCE))


def _namesakes(a: Facts, b: Facts, words: frozenset[str], statistics: Statistics, found: Signals) -> None:
    """For names that are the same: whether others have it by chance. Whoever of them came second has the site that
    is called like it under another suffix, or with a hyphen."""
    if others := statistics.namesakes(words):
        found.append(("name_namesakes", others))
        if a.domain != b.domain and a.domain and b.domain and label(a.domain) == label(b.domain):
            found.append(("namesakes_site_differs", others))


def _replaced(one: str, other: str) -> bool:
    """Whether one letter stands for another that is not beside it on the keyboard: a brand of somebody else rather
    than a slip."""
    if len(one) != len(other):
        return False
    differing = [pair for pair in zip(one, other, strict=True) if pair[0] != pair[1]]
    return len(differing) == 1 and "".join(differing[0]) not in KEYS_BESIDE


def _nearly(
    left: frozenset[str], right: frozenset[str], statistics: Statistics
) -> tuple[frozenset[str], frozenset[str], list[tuple[int, int]]]:
    """(left over, left over, (typos, information) of each pair of words that are the same but for a typo, an
    abbreviation or a space). Each word is used once, the most alike first."""
    information = statistics.information
    close: list[tuple[int, tuple[str, ...], tuple[str, ...]]] = []
    for one in left:
        for other in right:
            if statistics.is_word(one) and statistics.is_word(other):
                continue
            distance = word_distance(one, other)
            if distance < 3:
                close.append((distance, (one,), (other,)))
    if len(left) != len(right):
        close += _glued(left, right)
        close += [(distance, ours, theirs) for distance, theirs, ours in _glued(right, left)]
    near: list[tuple[int, int]] = []
    gone_left: set[str] = set()
    gone_right: set[str] = set()
    for distance, ours, theirs in sorted(close, key=lambda item: (item[0], sorted(item[1:]))):
        if gone_left.isdisjoint(ours) and gone_right.isdisjoint(theirs):
            gone_left.update(ours)
            gone_right.update(theirs)
            near.append((distance, min(sum(map(information, ours)), sum(map(information, theirs)))))
    return left - gone_left, right - gone_right, near


def _glued(left: frozenset[str], right: frozenset[str]) -> list[tuple[int, tuple[str, ...], tuple[str, ...]]]:
    """Words of the left that are two of the right without the space between them."""
    found: list[tuple[int, tuple[str, ...], tuple[str, ...]]] = []
    for whole in left:
        if len(whole) > 5:
            for one, other in permutations(sorted(right), 2):
                if whole[:2] == one[:2] and abs(len(one) + len(other) - len(whole)) < 2:
                    distance = OSA.distance(one + other, whole, score_cutoff=1)
                    if distance < 2:
                        found.append((distance, (whole,), (one, other)))
    return found


def word_distance(one: str, other: str) -> int:
    """0 to 2 typos between words that may be the same; 3 for others. An abbreviation counts as one."""
    short, long = sorted((len(one), len(other)))
    if short >= 4:
        allowed = 1 if long < 7 else 2
        distance = OSA.distance(one, other, score_cutoff=allowed)
        if distance <= allowed:
            return int(distance)
    if long > short >= 3 and (one.startswith(other) or other.startswith(one)):
        return 1
    return 3


def _together(
    a: Facts,
    b: Facts,
    left: frozenset[str],
    right: frozenset[str],
    statistics: Statistics,
    near: list[tuple[int, int]],
) -> tuple[frozenset[str], frozenset[str]]:
    """What is left over where the whole names, typed together, are the same but for few typos: nothing."""
    if all(map(statistics.is_word, left)) and all(map(statistics.is_word, right)):
        return left, right
    allowed = min(len(a.compact), len(b.compact)) // LETTERS_PER_TYPO
    distance = OSA.distance(a.compact, b.compact, score_cutoff=allowed)
    if distance > allowed:
        return left, right
    information = statistics.information
    near.append((int(distance), min(sum(map(information, left)), sum(map(information, right)))))
    return frozenset(), frozenset()


def _initials(a: Facts, b: Facts, left: frozenset[str]) -> bool:
    """Whether a word of a stands for the words of b."""
    return (
        len(left) == 1
        and len(b.words) in INITIALS
        and next(iter(left)) == "".join([word[0] for word in b.words])
        and not left & b.bag
    )


def _nothing_left(
    left: frozenset[str], right: frozenset[str], statistics: Statistics, kind: str, found: Signals
) -> bool:
    """Words that only one of the two has; whether there are none but a town or a country on one side, which are
    looked at by themselves."""
    if not left and not right:
        return True
    information = statistics.information
    here = {word for word in left if statistics.is_place(word)}
    there = {word for word in right if statistics.is_place(word)}
    if here or there:
        found.append(("places_differ" if here and there else "place_one_side", ONCE))
    ours = sum(information(word) for word in left if word not in here)
    theirs = sum(information(word) for word in right if word not in there)
    less, more = sorted((ours, theirs))
    if less:
        found.append((f"{kind}_differs", ONCE))
        found.append((f"{kind}_other", min(less, MOST_AGAINST)))
    elif more:
        found.append((f"{kind}_longer", ONCE))
    if more > less:
        found.append((f"{kind}_extra", min(more - less, MOST_AGAINST)))
    return more == 0 and not (here and there)
