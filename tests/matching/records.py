"""Records that Hypothesis makes: few words and values, so that many of them meet."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from backoffice.matching import Record

WORDS = (
    "krorgstean",
    "krorgstaen",
    "liabria",
    "liabrta",
    "Sønner",
    "solar",
    "park",
    "group",
    "København",
    "IV",
    "4",
    "Jensen",
)
FORMS = ("", "ApS", "A/S", "GmbH & Co. KG", "sp. z o.o.", "B.V.")
NAMES = st.builds(
    lambda words, form: " ".join((*words, form)).strip(),
    st.lists(st.sampled_from(WORDS), max_size=4),
    st.sampled_from(FORMS),
)


def _maybe(*values: str) -> st.SearchStrategy[str]:
    return st.sampled_from(("", *values))


RECORDS = st.builds(
    Record,
    id=st.just("x"),
    name=NAMES,
    url=_maybe("https://www.liabria.dk", "liabria.dk/kontakt", "liabria.de", "solarpark.dk"),
    tax_id=_maybe("DK12345674", "1234 5674", "DK12345647", "DK88146328", "n/a"),
    street=_maybe("Strandvej 12", "Strandv. 12, 1. sal", "Strandvej 14", "Nygade 3"),
    post_code=_maybe("8000", "DK-8000", "9000"),
    city=_maybe("Aarhus", "ÅRHUS", "Aalborg"),
    country=_maybe("DK", "Danmark", "DE"),
    phone=_maybe("+45 86 12 34 56", "86123456", "86123465", "70101010"),
    emails=st.lists(st.sampled_from(("info@liabria.dk", "a@gmail.com", "b@solarpark.dk")), max_size=2).map(tuple),
)
SETS = st.lists(RECORDS, min_size=2, max_size=14).map(
    lambda found: [replace(record, id=f"r{number:02}") for number, record in enumerate(found)]
)
