"""How two records compare: one signal per field, each with an amount in thousandths.

`compare` says what agrees and what does not; what it is worth is said by the weights. A signal with amount 1000
counts once; words count by their information. Nothing depends on which record comes first, nor on the order of
words but for `name_unlike`.
"""

from __future__ import annotations

from rapidfuzz.distance import OSA

from backoffice.matching.names import ONCE, Signals, compare_names, informal
from backoffice.matching.naming import FORM_COUNTRIES
from backoffice.matching.normalise import Facts, is_page, label
from backoffice.matching.statistics import Statistics

# Every signal with its field and its side: +1 can only speak for a pair, -1 only against it.
SIGNALS: dict[str, tuple[str, int]] = {
    "name_words": ("name", 1),
    "name_words_more": ("name", 1),
    "name_rare_word": ("name", 1),
    "name_same": ("name", 1),
    "name_same_but_typos": ("name", 1),
    "name_initials": ("name", 1),
    "name_common": ("name", -1),
    "name_namesakes": ("name", -1),
    "name_letter_replaced": ("name", -1),
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
    "namesakes_site_differs": ("site", -1),
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
NEIGHBOURS = 40  # between house numbers: the same block or the next door


def compare(a: Facts, b: Facts, statistics: Statistics) -> Signals:
    """The signals of a pair, the name's first; the same for (b, a)."""
    return compare_names(a, b, statistics) + compare_rest(a, b, statistics)


def compare_rest(a: Facts, b: Facts, statistics: Statistics) -> Signals:
    """What all other fields say, the numbers and the legal forms of the names among them."""
    found: Signals = []
    as_places = informal(a, b)
    if a.numbers or b.numbers:
        if a.numbers == b.numbers:
            found.append(("numbers_same", ONCE))
        else:
            code = "numbers_differ" if a.numbers and b.numbers else "numbers_one_side"
            found.append((f"informal_{code}" if as_places else code, ONCE))
    _form(a, b, found)
    if a.domain and b.domain:
        site = _site(a.domain, b.domain, statistics)
        if site:
            found.append((site, ONCE))
    if a.tax_id and b.tax_id:
        found.append((_tax_id(a, b), ONCE))
    if a.street and b.street:
        street = _street(a, b, statistics)
        if as_places and street == "street_differs":
            street = "informal_street_differs"
        found.append((street, ONCE))
        if as_places and street in ("street_same", "street_shared"):
            found.append(("informal_street_same", ONCE))
    if a.post_code and b.post_code:
        same = "same" if a.post_code == b.post_code else "differs"
        found.append((f"informal_post_code_{same}" if as_places else f"post_code_{same}", ONCE))
    if a.city and b.city:
        found.append(("city_same" if _alike(a.city, b.city) else "city_differs", ONCE))
    if a.phone and b.phone:
        phone = _phone(a, b, statistics)
        if as_places and phone != "phone_near":
            phone = "informal_phone_differs" if phone == "phone_differs" else "informal_phone_same"
        found.append((phone, ONCE))
    _email(a, b, statistics, found)
    if a.country and b.country:
        found.append(("country_same" if a.country == b.country else "country_differs", ONCE))
    return found


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
    if is_page(one) != is_page(other):
        return ""
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
    if one == other:
        return True
    ours, theirs = set(one.split()), set(other.split())
    if ours < theirs or theirs < ours:
        return True
    if {word for word in ours ^ theirs if word.isdigit()}:
        return False
    return _alike(one.replace(" ", ""), other.replace(" ", ""))


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
