"""What people type, and what it is compared as."""

from __future__ import annotations

import pytest

from backoffice.matching import Record, fingerprint, normalise
from backoffice.matching.folding import fold
from backoffice.matching.naming import parse
from backoffice.matching.normalise import country, domain, emails, phone, post_code, street, tax_id
from backoffice.matching.validity import contradicting, valid


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Foo A/S", "as"),
        ("Foo AS", "as"),
        ("Foo a.s", "as"),
        ("Foo I/S", "is"),
        ("P/S Foo", "ps"),
        ("K/S Foo", "ks"),
        ("Foo ApS", "aps"),
        ("Foo Anpartsselskab", "aps"),
        ("Foo AB (publ)", "ab"),
        ("Foo Oy", "oy"),
        ("Foo Oyj", "oyj"),
        ("Foo GmbH", "gmbh"),
        ("Foo G.m.b.H.", "gmbh"),
        ("Foo GmbH & Co. KG", "gmbhcokg"),
        ("Foo GmbH und Co KG", "gmbhcokg"),
        ("Foo UG (haftungsbeschränkt)", "ug"),
        ("Foo Sp. z o.o.", "zoo"),
        ("Foo sp. z o. o.", "zoo"),
        ("Foo sp zoo", "zoo"),
        ("Foo spółka z ograniczoną odpowiedzialnością", "zoo"),
        ("Foo Sp. z o.o. Sp. k.", "zoospk"),
        ("Foo sp.k.", "spk"),
        ("Foo S.A.", "sa"),
        ("Foo SA", "sa"),
        ("Foo S.A.R.L.", "sarl"),
        ("Foo S.L.", "sl"),
        ("Foo S.p.A.", "spa"),
        ("Foo Ltd.", "ltd"),
        ("Foo Limited", "ltd"),
        ("Foo LLP", "llp"),
        ("Foo plc", "plc"),
        ("Foo p.l.c.", "plc"),
        ("Foo, Inc.", "inc"),
        ("Foo B.V.", "bv"),
        ("Foo Aktiengesellschaft", "ag"),
        ("Foo", ""),
    ],
)
def test_legal_forms(name: str, form: str) -> None:
    found = parse(name)
    assert (found.words, found.form) == (("foo",), form)


@pytest.mark.parametrize(
    "name", ["Brdr. Sønner", "Brdr. Sonner", "BRDR SOENNER", "Brødrene Sønner", "Broedrene & Sønner"]
)
def test_both_readings_of_a_letter_are_one(name: str) -> None:
    assert parse(name).words == ("brother", "sonner")


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Ærø", "Aeroe"),
        ("Århus", "Aarhus"),
        ("Müller", "Mueller"),
        ("Łódź", "Lodz"),
        ("Größe", "Groesse"),
        ("Ąę", "ae"),
    ],
)
def test_folding(one: str, other: str) -> None:
    assert fold(one) == fold(other)


def test_countries_of_two_words_are_one() -> None:
    assert parse("United States Steel").words == parse("U.S. Steel").words
    assert parse("United Airlines").words == ("united", "airlines")


@pytest.mark.parametrize(
    "joined", ["Hansen og Lund", "Hansen & Lund", "Hansen and Lund", "Hansen und Lund", "Hansen i Lund"]
)
def test_joining_words_say_nothing(joined: str) -> None:
    assert parse(joined).words == ("hansen", "lund")


@pytest.mark.parametrize(
    ("name", "numbers"),
    [
        ("Park 42 ApS", ("42",)),
        ("Park 042", ("42",)),
        ("K/S Park III", ("3",)),
        ("Park I I/S", ("1",)),
        ("Park IV", ("4",)),
        ("Wind Park V (Danmark)", ("5",)),
        ("III, Wind Park K/S", ("3",)),
        ("Hansen i Lund", ()),
        ("Mortgage Trust 2005-AR16", ("2005", "ar16")),
    ],
)
def test_numbers(name: str, numbers: tuple[str, ...]) -> None:
    assert parse(name).numbers == numbers


@pytest.mark.parametrize("name", ["ApS", "The", "II", "A.B.C.", "og", "1", "GmbH & Co. KG"])
def test_something_is_left_of_every_name(name: str) -> None:
    found = parse(name)
    assert found.words or found.numbers


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.acme.dk/kontakt?x=1", "acme.dk"),
        ("HTTPS://WWW.Acme.dk", "acme.dk"),
        ("acme.dk", "acme.dk"),
        ("shop.acme.co.uk", "acme.co.uk"),
        ("https://www.linkedin.com/company/acme/?trk=x", "acme.linkedin.com"),
        ("facebook.com/acme", "acme.facebook.com"),
        ("https://facebook.com/", ""),
        ("https://sites.google.com/view/acme", "acme.google.com"),
        ("http://www.acme.wordpress.com/about", "acme.wordpress.com"),
        ("http://user@acme.com.pl:80/", "acme.com.pl"),
        ("acme", ""),
        ("", ""),
    ],
)
def test_domains(url: str, expected: str) -> None:
    assert domain(url) == expected


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        ("DK12345674", "", "12345674"),
        ("dk 12 34 56 74", "", "12345674"),
        ("12345674", "DK", "12345674"),
        ("PL 741-017-77-76", "", "7410177776"),
        ("ESB35501717", "", "B35501717"),
        ("B35501717", "ES", "B35501717"),
        ("SE556703748501", "", "5567037485"),
        ("FR40303265045", "", "303265045"),
        ("NO 974 760 673 MVA", "", "974760673"),
        ("n/a", "", ""),
        ("00000000", "", ""),
        ("-", "DK", ""),
    ],
)
def test_tax_numbers(text: str, where: str, expected: str) -> None:
    assert tax_id(text, where)[0] == expected


@pytest.mark.parametrize("text", ["+45 86 12 34 56", "004586123456", "86123456", "(+45) 8612-3456"])
def test_phones(text: str) -> None:
    assert phone(text) == "86123456"


@pytest.mark.parametrize("text", ["Strandvej 12", "STRANDV. 12, 1. sal", "12 Strandvej", "Strandvej 12-14"])
def test_streets(text: str) -> None:
    assert street(text) == ("strand", "12")


@pytest.mark.parametrize("text", ["27 E 113th St", "27 E. 113 St.", "27 East 113 th Street"])
def test_streets_that_are_numbered(text: str) -> None:
    assert street(text) == ("e 113", "27")


@pytest.mark.parametrize("text", ["10 Main 3rd floor", "10 Main 3rd Fl.", "10 Main Street"])
def test_floors_are_no_streets(text: str) -> None:
    assert street(text) == ("main", "10")


def test_the_other_fields() -> None:
    assert (country("Danmark"), country("dk"), country("United Kingdom"), country("Polska")) == (
        "DK",
        "DK",
        "GB",
        "PL",
    )
    assert (post_code("DK-8000"), post_code("85-936"), post_code("SW1A 1AA")) == ("8000", "85936", "SW1A1AA")
    assert emails(("A@Acme.dk ", "x@gmail.com", "nothing")) == (("a@acme.dk", "x@gmail.com"), ("acme.dk",))


def test_check_digits_decide_about_numbers_that_are_a_typo_apart() -> None:
    right, typo, other = (
        normalise(Record("x", tax_id=text)) for text in ("DK88146328", "DK88146329", "DK13585628")
    )
    assert valid("88146328", "DK") is True
    assert valid("88146329", "DK") is False
    assert valid("1", "XX") is None
    assert not contradicting(right, typo)
    assert contradicting(right, other)


def test_a_fingerprint_changes_with_identifying_fields_only() -> None:
    one = Record("1", "Foo", emails=("a@foo.dk", "b@foo.dk"))
    assert fingerprint(one) == fingerprint(Record("2", "Foo", emails=("b@foo.dk", "a@foo.dk")))
    assert fingerprint(one) != fingerprint(Record("1", "Foo", url="foo.dk", emails=one.emails))
