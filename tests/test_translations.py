"""Danish is complete: every text is in the catalogue and translated, and no page mixes the languages."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import pytest
from babel.messages import Catalog, Message
from django.conf import settings
from django.test import Client
from django.utils import timezone, translation
from django.utils.formats import number_format

from backoffice.formats import words
from backoffice.models import Job
from backoffice.sandbox.server import SandboxServer
from backoffice.services.upstream import client as flowtly
from tests.conftest import ROLES, Login
from tests.privacy.visits import PERSONAL_DATA
from tests.records.pages import read, said, submit
from tests.visiting import seen, squeezed
from tests.visits import VISITS, not_saved
from tools.bootstrap import LOCALE
from tools.messages import collected, read_catalogue

LANGUAGES = [code for code, _name in settings.LANGUAGES if code != settings.LANGUAGE_CODE]
PLACEHOLDER = re.compile(r"%\(\w+\)[a-z]|%%[a-z]\b|%[sd]\b|\{\w*\}|</?[a-z][^>]*>")
NUMBERS = {f"%({name})s" for name in ("n", "count", "first", "last", "total", "most", "size")} | {"%%n"}
# What is written with a capital inside a sentence: names, keys and codes.
NAMES = {"API", "DK", "Flowtly", "Flowtly's", "Hydra's", "I", "Other", "POST", "Shift", "VAT"}
NAMES |= {"CSV", "Danish", "Polish", "XLSX"}
# Programs, kinds of files, what stands in a cell, and keys.
NAMES |= {"Excel", "Google", "Sheets", "JavaScript", "LibreOffice", "ODS", "OpenDocument", "XLS", "FALSE", "TRUE"}
NAMES |= {"Ctrl", "D", "Z"}


@pytest.fixture(autouse=True)
def _english_again() -> Iterator[None]:
    """A request leaves its language switched on in this thread."""
    with translation.override("en"):
        yield


@lru_cache
def catalogue(code: str) -> Catalog:
    return read_catalogue(LOCALE / code / "LC_MESSAGES" / "django.po")


def entries(found: Catalog) -> list[Message]:
    return [message for message in found if message.id]


def texts(message: Message) -> list[str]:
    return [message.id] if isinstance(message.id, str) else list(message.id)


def translations(message: Message) -> list[str]:
    return [message.string] if isinstance(message.string, str) else list(message.string)


# The catalogue


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_catalogue_holds_what_the_sources_say(code: str) -> None:
    """Mend with `make messages`, then fill in what is empty."""
    ours = {(message.context, message.id) for message in entries(collected())}
    theirs = {(message.context, message.id) for message in entries(catalogue(code))}
    assert ours - theirs == set(), "not in the catalogue"
    assert theirs - ours == set(), "no longer used"
    assert not catalogue(code).obsolete


@pytest.mark.parametrize("code", LANGUAGES)
def test_nothing_is_missing_or_guessed(code: str) -> None:
    plurals = catalogue(code).num_plurals
    for message in entries(catalogue(code)):
        assert not message.fuzzy, message.id
        assert all(text.strip() for text in translations(message)), message.id
        if message.pluralizable:
            assert len(translations(message)) == plurals, message.id


@pytest.mark.parametrize("code", LANGUAGES)
def test_placeholders_and_markup_are_the_same_on_both_sides(code: str) -> None:
    for message in entries(catalogue(code)):
        *singular, wanted = (Counter(PLACEHOLDER.findall(text)) for text in texts(message))
        *rest, last = (Counter(PLACEHOLDER.findall(text)) for text in translations(message))
        assert last == wanted, message.id
        # One record may be called otherwise than several ("%(entity)s", "%(entities)s").
        assert all(each <= wanted or each in singular for each in rest), message.id
        for text in translations(message):
            assert _end(text) == _end(texts(message)[0]), f"{message.id!r} and {text!r} end differently"


def _end(text: str) -> str:
    found = re.search(r"[.:?…]*\s*$", text)
    return found[0] if found else ""


@pytest.mark.parametrize("code", LANGUAGES)
def test_texts_are_calm(code: str) -> None:
    """Sentence case and no exclamation marks, in English as well."""
    for message in entries(catalogue(code)):
        assert "!" not in "".join([*texts(message), *translations(message)]), message.id
        for text in texts(message):
            inner = re.findall(r"(?<![.:?] )(?<!^)(?<!“)\b[A-Z][\w'’]*", re.sub(r"%\(\w+\)s", "", text))
            assert {name for name in inner if "_" not in name} <= NAMES, f"{text!r} is not in sentence case"


# The pages


@pytest.fixture
def visit(sandbox: SandboxServer, login: Login) -> Callable[[str, str], set[str]]:
    """The texts of a page in a language."""

    def go(name: str, code: str) -> set[str]:
        there = (VISITS | PERSONAL_DATA)[name]
        browser = login(there.role) if there.role else Client()
        browser.cookies[settings.LANGUAGE_COOKIE_NAME] = code
        answer = there.go(browser, sandbox)
        assert answer.status_code == there.status, name
        assert f'<html lang="{code}"' in answer.content.decode()
        return seen(answer)

    return go


@dataclass
class Patterns:
    """The English texts that read otherwise in the language: whole ones, and those with something filled in."""

    whole: set[str] = field(default_factory=set)
    filled: list[re.Pattern[str]] = field(default_factory=list)

    def leftovers(self, found: set[str]) -> set[str]:
        return {text for text in found if text in self.whole or any(each.fullmatch(text) for each in self.filled)}


@lru_cache
def english(code: str) -> Patterns:
    patterns, spoken = Patterns(), {text for m in entries(catalogue(code)) for text in translations(m)}
    for message in entries(catalogue(code)):
        for text in set(texts(message)) - spoken:
            if PLACEHOLDER.search(text):
                patterns.filled.append(_filled_in(text))
            else:
                patterns.whole |= {text, text[:1].upper() + text[1:]} - spoken
    return patterns


def _filled_in(text: str) -> re.Pattern[str]:
    """Anything for a placeholder, but for a number a number: else "1 to 5" were any text with a "to" in it."""
    pieces = re.split(f"({PLACEHOLDER.pattern})", text)
    pieces[::2] = [re.escape(piece.replace("%%", "%")) for piece in pieces[::2]]
    pieces[1::2] = [r"[\d.,]+" if piece in NUMBERS else ".+" for piece in pieces[1::2]]
    return re.compile("".join(pieces))


@pytest.mark.parametrize("name", VISITS | PERSONAL_DATA)
def test_no_english_is_left_on_a_danish_page(visit: Callable[[str, str], set[str]], name: str) -> None:
    danish, known = visit(name, "da"), _known_to_both()
    assert english("da").leftovers(danish - known) == set()
    # What reads the same in both languages is data, or the same word; else somebody forgot to mark a text.
    assert danish & visit(name, "en") - known == set()


def test_the_search_for_english_finds_it(visit: Callable[[str, str], set[str]]) -> None:
    left = english("da").leftovers(visit("new", "en"))
    assert {
        "Create client",
        "Days from the invoice date until it is due.",
        "Clients",
        "Signed in as editor",
    } <= left


DATA = (
    "/clients",
    "/client-contacts",
    "/client-notes",
    "/counterparties",
    "/countries",
    "/currencies",
    "/attribute-sets",
)


@lru_cache
def _known_to_both() -> set[str]:
    """Data of the sandbox and the cast, names of countries and the like, and words that both languages share."""
    shared = {text for m in entries(catalogue("da")) for text in texts(m) if text in translations(m)}
    shared |= {text[:1].upper() + text[1:] for text in shared}
    data = {squeezed(text) for path in DATA for text in _strings(flowtly().walk(path))}
    counterparties = [
        (each["displayName"], each["@id"].rpartition("/")[2]) for each in flowtly().walk("/counterparties")
    ]
    data |= {squeezed(f"{name} ({key})") for name, key in counterparties}
    employees = list(flowtly().walk("/employees"))
    data |= {each["name"] for each in employees} | {f"{each['name']} · {each['email']}" for each in employees}
    data |= {text.partition("://")[2].removeprefix("www.").rstrip("/") for text in data if "://" in text}
    with translation.override("da"):
        names = {name for _code, name in words.countries()}
    typed = {"ann", "nobody-of-this-name", "none-of-these", "Ny by", "/no/such/page/", "GET /clients/new/ (edit)"}
    typed |= {"ny@example.com", "filter", "actor=steward", "csv plain · 2"}
    version = {f"Version {settings.VERSION}"}
    return shared | data | names | typed | version | {*ROLES, "English", "Dansk"}


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _strings(inner)
    elif not isinstance(value, int | float | None):
        for inner in value:
            yield from _strings(inner)


# Dates, numbers, and what was stored in another language


def test_dates_and_numbers_are_danish() -> None:
    moment = datetime(2026, 11, 22, 13, 5, tzinfo=UTC)
    with translation.override("da"):
        assert words.day(moment) == "22.11.2026"
        assert words.day_and_time(moment).startswith("22.11.2026 ")
        assert number_format(1234.5, force_grouping=True) == "1.234,5"
        assert words.integer(12345) == "12.345"
        assert words.parse_integer("1.234") == 1234
        with pytest.raises(ValueError, match="1,5"):
            words.parse_integer("1,5")


def test_a_danish_page_shows_and_takes_danish_numbers(sandbox: SandboxServer, login: Login) -> None:
    sandbox.patch_row("clients", 1, {"dueDays": 1234})
    browser = login("editor")
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "da"
    assert "Forfaldsdage 1.234" in read(browser.get("/clients/1/")).text
    saved = submit(browser, "/clients/1/edit/", dueDays="2.345")
    assert "Forfaldsdage 1.234 → 2.345" in said(saved)
    assert sandbox.row("clients", 1)["dueDays"] == 2345  # type: ignore[index]
    today = f"{timezone.localtime(Job.objects.get().created_at):%d.%m.%Y}"
    assert today in read(browser.get("/history/")).text


def test_a_reason_is_read_in_the_readers_language(sandbox: SandboxServer, login: Login) -> None:
    browser = login("editor")
    not_saved(browser, sandbox)
    path = f"/jobs/{Job.objects.get().pk}/"
    assert "Flowtly cannot be reached." in read(browser.get(path)).text
    browser.cookies[settings.LANGUAGE_COOKIE_NAME] = "da"
    assert "Flowtly svarer ikke. Intet er gemt" in read(browser.get(path)).text
