"""How two records compare: one signal per field, each with an amount in thousandths.

`compare` says what agrees and what does not; what it is worth is said by the weights. A signal with amount 1000
counts once; words count by their information. Nothing depends on which record comes first, nor on the order of
words but for `name_unlike`.
"""

from __future__ import annotations

from itertools import permutations

from rapidfuzz.distance import OSA, JaroWinkler

from backoffice.matching.naming import FORM_COUNTRIES
from backoffice.matching.normalise import Facts, label
from backoffice.matching.statistics import MILLI, Statistics

Signals = list[tuple[str, int]]
ONCE = MILLI

# Every signal with its field and its side: +1 can only speak for a pair, -1 only against it.
SIGNALS: dict[str, tuple[str, int]] = {
    "name_words": ("name", 1),
    "name_words_more": ("name", 1),
    "name_rare_word": ("name", 1),
    "name_same": ("name", 1),
    "name_same_but_typos": ("name", 1),
    "name_common": ("name", -1),
    "name_typos": ("name", -1),
    "name_rare_typo": ("name", -1),
    "name_longer": ("name", -1),
    "name_extra": ("name", -1),
    "name_differs": ("name", -1),
    "name_other": ("name", -1),
    "informal_same": ("name", 1),
    "informal_rare_word": ("name", 1),
    "informal_longer": ("name", -1),
    "informal_extra": ("name", -1),
    "informal_differs": ("name", -1),
    "informal_other": ("name", -1),
    "name_nothing": ("name", -1),
    "name_unlike": ("name", -1),
    "numbers_same": ("number", 1),
    "numbers_one_side": ("number", -1),
    "numbers_differ": ("number", -1),
    "informal_numbers_one_side": ("number", -1),
    "informal_numbers_differ": ("number", -1),
    "place_one_side": ("place", -1),
    "places_differ": ("place", -1),
    "form_none": ("form", 1),
    "form_same": ("form", 1),
    "form_one_side": ("form", -1),
    "form_differs": ("form", -1),
    "form_country_differs": ("form", -1),
    "site_same": ("site", 1),
    "site_shared": ("site", 1),
    "site_other_suffix": ("site", 1),
    "site_near": ("site", -1),
    "site_differs": ("site", -1),
    "tax_id_same": ("tax_id", 1),
    "tax_id_typo": ("tax_id", 1),
    "tax_id_differs": ("tax_id", -1),
    "street_same": ("street", 1),
    "street_shared": ("street", 1),
    "informal_street_same": ("street", 1),
    "informal_street_differs": ("street", -1),
    "street_near": ("street", -1),
    "street_differs": ("street", -1),
    "post_code_same": ("post_code", 1),
    "post_code_differs": ("post_code", -1),
    "informal_post_code_same": ("post_code", 1),
    "informal_post_code_differs": ("post_code", -1),
    "city_same": ("city", 1),
    "city_differs": ("city", -1),
    "phone_same": ("phone", 1),
    "phone_shared": ("phone", 1),
    "informal_phone_same": ("phone", 1),
    "informal_phone_differs": ("phone", -1),
    "phone_near": ("phone", -1),
    "phone_differs": ("phone", -1),
    "email_same": ("email", 1),
    "email_shared": ("email", 1),
    "email_site_same": ("email", 1),
    "email_site_differs": ("email", -1),
    "country_same": ("country", 1),
    "country_differs": ("country", -1),
}
# These say much the same, so that together they count for no more than the cap of the weights.
CAPPED = frozenset(["street_same", "street_shared", "post_code_same", "city_same", "phone_same", "phone_shared"])
FIRST_WORDS = 14 * MILLI
MORE_WORDS = 12 * MILLI
MOST_AGAINST = 10 * MILLI
RARE = 8 * MILLI
TYPO = 3 * MILLI  # so much less says a word that agrees but for one typo
NEIGHBOURS = 40  # between house numbers: the same block or the next door


def compare(a: Facts, b: Facts, statistics: Statistics) -> Signals:
    """The signals of a pair, the name's first; the same for (b, a)."""
    return compare_names(a, b, statistics) + compare_rest(a, b, statistics)


def compare_names(a: Facts, b: Facts, statistics: Statistics) -> Signals:
    """What the words of the names say. It takes longest, so a scan asks for it last."""
    found: Signals = []
    _name(a, b, statistics, a.informal and b.informal, found)
    return found


def compare_rest(a: Facts, b: Facts, statistics: Statistics) -> Signals:
    """What all other fields say, the numbers and the legal forms of the names among them."""
    found: Signals = []
    informal = a.informal and b.informal
    if a.numbers or b.numbers:
        if a.numbers == b.numbers:
            found.append(("numbers_same", ONCE))
        else:
            code = "numbers_differ" if a.numbers and b.numbers else "numbers_one_side"
            found.append((f"informal_{code}" if informal else code, ONCE))
    _form(a, b, found)
    if a.domain and b.domain:
        found.append((_site(a.domain, b.domain, statistics), ONCE))
    if a.tax_id and b.tax_id:
        found.append((_tax_id(a, b), ONCE))
    if a.street and b.street:
        street = _street(a, b, statistics)
        if informal and street == "street_differs":
            street = "informal_street_differs"
        found.append((street, ONCE))
        if informal and street in ("street_same", "street_shared"):
            found.append(("informal_street_same", ONCE))
    if a.post_code and b.post_code:
        same = "same" if a.post_code == b.post_code else "differs"
        found.append((f"informal_post_code_{same}" if informal else f"post_code_{same}", ONCE))
    if a.city and b.city:
        found.append(("city_same" if _alike(a.city, b.city) else "city_differs", ONCE))
    if a.phone and b.phone:
        phone = _phone(a, b, statistics)
        if informal and phone != "phone_near":
            phone = "informal_phone_differs" if phone == "phone_differs" else "informal_phone_same"
        found.append((phone, ONCE))
    _email(a, b, statistics, found)
    if a.country and b.country:
        found.append(("country_same" if a.country == b.country else "country_differs", ONCE))
    return found


def _name(a: Facts, b: Facts, statistics: Statistics, informal: bool, found: Signals) -> None:
    if not a.compact or not b.compact:
        return
    information = statistics.information
    if a.bag == b.bag or a.compact == b.compact:
        found.append(("informal_same" if informal else "name_same", ONCE))
        _agreeing(
            [information(word) for word in (a.bag if len(a.bag) <= len(b.bag) else b.bag)], statistics, found
        )
        return
    common = a.bag & b.bag
    left, right = a.bag - common, b.bag - common
    near: list[tuple[int, int]] = []
    if left and right:
        left, right, near = _nearly(left, right, statistics)
    agreed = [information(word) for word in common]
    _agreeing(agreed + [amount - TYPO * distance for distance, amount in near], statistics, found)
    if typos := sum(distance for distance, _ in near):
        found.append(("name_typos", min(typos, 3) * ONCE))
        if max(amount for distance, amount in near if distance) >= max(agreed, default=0):
            found.append(("name_rare_typo", ONCE))
    if not common and not near:
        found.append(("name_nothing", ONCE))
    kind = "informal" if informal else "name"
    if not _left_over(left, right, statistics, kind, found):
        found.append(("name_same_but_typos" if typos else "informal_same" if informal else "name_same", ONCE))
    if JaroWinkler.similarity(a.compact, b.compact) < 0.7:
        found.append(("name_unlike", ONCE))


def _agreeing(amounts: list[int], statistics: Statistics, found: Signals) -> None:
    amount = sum(amounts)
    if amount:
        if common := statistics.by_chance(amount):
            found.append(("name_common", common))
        found.append(("name_words", min(amount, FIRST_WORDS)))
        if amount > FIRST_WORDS:
            found.append(("name_words_more", min(amount - FIRST_WORDS, MORE_WORDS)))
        if max(amounts) >= RARE:
            found.append(("name_rare_word", ONCE))


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
    if short >= 3 and long >= 4:
        allowed = 1 if long < 7 else 2
        distance = OSA.distance(one, other, score_cutoff=allowed)
        if distance <= allowed:
            return int(distance)
    if long > short >= 3 and (one.startswith(other) or other.startswith(one)):
        return 1
    return 3


def _left_over(
    left: frozenset[str], right: frozenset[str], statistics: Statistics, kind: str, found: Signals
) -> bool:
    """Words that only one of the two has; whether there are any but towns and countries, which are looked at by
    themselves."""
    if not left and not right:
        return False
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
    return more > 0


def _form(a: Facts, b: Facts, found: Signals) -> None:
    if a.form == b.form:
        found.append(("form_same" if a.form else "form_none", ONCE))
    elif not a.form or not b.form:
        found.append(("form_one_side", ONCE))
    elif FORM_COUNTRIES[a.form] and FORM_COUNTRIES[b.form] and not FORM_COUNTRIES[a.form] & FORM_COUNTRIES[b.form]:
        found.append(("form_country_differs", ONCE))
    else:
        found.append(("form_differs", ONCE))


def _site(one: str, other: str, statistics: Statistics) -> str:
    if one == other:
        return "site_shared" if statistics.is_shared("domain", one) else "site_same"
    ours, theirs = label(one), label(other)
    if ours == theirs:
        return "site_other_suffix"
    return "site_near" if _alike(ours, theirs) else "site_differs"


def _tax_id(a: Facts, b: Facts) -> str:
    if a.tax_id == b.tax_id:
        return "tax_id_same"
    return "tax_id_typo" if OSA.distance(a.tax_id, b.tax_id, score_cutoff=1) <= 1 else "tax_id_differs"


def _street(a: Facts, b: Facts, statistics: Statistics) -> str:
    if not _same_street(a.street, b.street):
        return "street_differs"
    if a.house != b.house:
        return "street_near" if _neighbours(a.house, b.house) else "street_differs"
    return "street_shared" if statistics.is_shared("street", f"{a.house} {a.street}") else "street_same"


def _same_street(one: str, other: str) -> bool:
    if one == other or _alike(one.replace(" ", ""), other.replace(" ", "")):
        return True
    ours, theirs = set(one.split()), set(other.split())
    return ours < theirs or theirs < ours


def _neighbours(one: str, other: str) -> bool:
    return one.isdigit() and other.isdigit() and abs(int(one) - int(other)) <= NEIGHBOURS


def _alike(one: str, other: str) -> bool:
    if one == other:
        return True
    short, long = sorted((len(one), len(other)))
    if short < 4:
        return False
    return (
        OSA.distance(one, other, score_cutoff=2) <= (1 if long < 8 else 2)
        or one.startswith(other)
        or other.startswith(one)
    )


def _phone(a: Facts, b: Facts, statistics: Statistics) -> str:
    one, other = a.phone, b.phone
    if len(one) != len(other):
        short = min(len(one), len(other))
        one, other = one[-short:], other[-short:]
    if one != other:
        return "phone_near" if OSA.distance(one, other, score_cutoff=1) <= 1 else "phone_differs"
    return (
        "phone_shared"
        if statistics.is_shared("phone", a.phone) or statistics.is_shared("phone", b.phone)
        else "phone_same"
    )


def _email(a: Facts, b: Facts, statistics: Statistics, found: Signals) -> None:
    same = set(a.emails).intersection(b.emails) if a.emails and b.emails else ()
    if same:
        rare = any(not statistics.is_shared("email", address) for address in same)
        found.append(("email_same" if rare else "email_shared", ONCE))
        return
    ours = a.mail_domains or ((a.domain,) if a.domain else ())
    theirs = b.mail_domains or ((b.domain,) if b.domain else ())
    if not ours or not theirs or not (a.mail_domains or b.mail_domains):
        return
    both = set(ours).intersection(theirs)
    if both:
        rare = any(not statistics.is_shared("domain", name) for name in both)
        found.append(("email_site_same" if rare else "email_shared", ONCE))
    else:
        found.append(("email_site_differs", ONCE))
