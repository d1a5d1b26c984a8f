"""Words and values that several records share stand in the statistics of scans: of a person none can be read."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backoffice.matching import Record, Statistics, scan
from backoffice.models import Scan, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import duplicates, index, privacy
from backoffice.services.duplicates import keeping, records, veiling
from tests.duplicates.cast import COUNTERPARTIES, found_by_all, kept, scanned
from tests.privacy.cast import Person, redacted

pytestmark = pytest.mark.django_db(transaction=True)
NAME, STREET = "Sønke Enkeltmand", "sønkesvej"
HIS = ("sonke", "enkeltmand", "enkeltmand-vvs.example")


@pytest.fixture
def steward(sandbox: SandboxServer, person: Person) -> User:
    """1 to 4 share a name and a site, and were compared twice."""
    for key in "1234":
        shared = {"displayName": f"{NAME} {'ApS' if key > '2' else ''}", "corporateWebsiteUrl": HIS[-1]}
        sandbox.patch_row("counterparties", key, shared)
    who = person("steward")
    for _ in range(2):
        scanned(COUNTERPARTIES, who)
    return who


def stored() -> list[str]:
    """The statistics of all scans, as they can be read in the database."""
    texts = Scan.objects.exclude(statistics="").values_list("statistics", flat=True)
    return [json.dumps(json.loads(text), ensure_ascii=False) for text in texts]


def readable() -> list[str]:
    return [text for text in HIS if any(text in held for held in stored())]


def counted() -> int:
    return privacy.preview(entity="counterparties", key="1").counts["statistics"]


def test_nothing_of_a_person_can_be_read_and_the_scores_stay(sandbox: SandboxServer, steward: User) -> None:
    before = duplicates.frozen(COUNTERPARTIES).statistics
    assert (len(stored()), readable(), counted()) == (2, list(HIS), 2)
    scores = kept(COUNTERPARTIES)
    sandbox.delete_row("counterparties", "1")
    redacted("counterparties", "1")
    assert (len(stored()), readable(), counted()) == (2, [], 0)
    records._frozen.cache_clear()  # as a process that starts from now on
    under = duplicates.frozen(COUNTERPARTIES)
    assert under.statistics.words["enkeltmand"] == before.words["enkeltmand"] == 4
    assert under.statistics.is_shared("domain", HIS[-1])
    assert not under.statistics.is_shared("domain", "nobody.example")
    others = {pair: found for pair, found in scores.items() if "1" not in pair}
    assert kept(COUNTERPARTIES) == others == found_by_all(COUNTERPARTIES, before)
    sandbox.patch_row("counterparties", "5", {"displayName": f"{NAME} A/S"})
    index.refresh(COUNTERPARTIES)
    duplicates.look_again(COUNTERPARTIES)
    assert kept(COUNTERPARTIES) == found_by_all(COUNTERPARTIES, before) != others
    redacted("counterparties", "1")
    assert readable() == []


def test_somebody_of_another_entity_is_covered_by_name(sandbox: SandboxServer, steward: User) -> None:
    """A contact whose name the firms of his family bear."""
    sandbox.patch_row("client-contacts", 1, {"name": NAME, "email": f"s@{HIS[-1]}"})
    redacted("contacts", "1")
    assert readable() == []


def test_a_scan_that_is_being_made_forgets_what_it_read(
    sandbox: SandboxServer, steward: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep, times = keeping.keep_pairs, [0]

    def redact_meanwhile(*args: Any) -> None:
        keep(*args)
        times[0] += 1
        if times[0] == 1:
            sandbox.delete_row("counterparties", "1")
            for key in "234":
                sandbox.patch_row(
                    "counterparties", key, {"displayName": f"Firm {key}", "corporateWebsiteUrl": None}
                )
            redacted("counterparties", "1")
            index.refresh(COUNTERPARTIES)

    monkeypatch.setattr(keeping, "keep_pairs", redact_meanwhile)
    made = scanned(COUNTERPARTIES, None)
    assert (times[0], made.attempts) == (2, 1)
    assert readable() == []
    assert made.records == index.total(index.Question(COUNTERPARTIES))


TEXTS = st.sampled_from(["per", "enkeltmand", "ørsted", "vvs", "", "~x"])


@given(st.dictionaries(TEXTS, st.integers(3, 9)), st.frozensets(TEXTS), st.sets(TEXTS), TEXTS)
def test_veiled_statistics_answer_as_before(
    words: dict[str, int], places: frozenset[str], said: set[str], asked: str
) -> None:
    before = Statistics(5000, words, {f"phone:{word}": n for word, n in words.items()}, places)
    texts = said | {f"phone:{word}" for word in said}
    made = Scan(entity="clients", statistics=before.to_json())
    after = veiling.read(veiling.veiled(made.statistics, texts))
    assert (after.words.get(asked, 0), asked in after.words) == (words.get(asked, 0), asked in words)
    assert (asked in after.places, after.is_shared("phone", asked)) == (asked in places, asked in words)
    assert after.information(asked) == before.information(asked)
    with pytest.raises(KeyError):
        after.words["nobody"]


def test_what_a_record_stands_by_is_what_statistics_count() -> None:
    """Whatever a scan of equal records counts, is named by one of them."""
    held = {"name": "Sønke Enkeltmand VVS", "url": "https://www.enkeltmand.example/da", "street": "Sønkesvej 12"}
    alike = [Record(id=str(n), city="Nørre Snede", phone="+45 11223344", **held) for n in range(5)]
    found = scan(alike).statistics
    assert {*found.words, *found.shared, *found.places} == veiling.texts_of(alike[0])
