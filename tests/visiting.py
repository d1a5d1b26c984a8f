"""A visit to a page of ours, and the texts that a person meets there."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from html.parser import HTMLParser
from typing import Any

from django.http import HttpResponse
from django.test import Client

from backoffice.sandbox.server import SandboxServer
from tests.records.pages import submit

_DIGEST = re.compile(r"[0-9a-f]{12,64}")  # a fingerprint, or its beginning


class _Texts(HTMLParser):
    """What a person sees or hears of a page: text, and the attributes that are read out."""

    SAID = ("title", "aria-label", "placeholder", "alt", "data-label", "data-busy", "data-key-label")
    SILENT = ("script", "style", "pre", "textarea")

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: set[str] = set()
        self.silent = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.silent = self.silent or (tag if tag in self.SILENT else "")
        self.found |= {squeezed(value or "") for name, value in attrs if name in self.SAID}

    def handle_endtag(self, tag: str) -> None:
        self.silent = "" if tag == self.silent else self.silent

    def handle_data(self, data: str) -> None:
        if not self.silent:
            self.found.add(squeezed(data))


def squeezed(text: str) -> str:
    return " ".join(text.split())


def seen(response: HttpResponse) -> set[str]:
    """The texts of a page that have words in them."""
    reader = _Texts()
    reader.feed(response.content.decode())
    return {text for text in reader.found if re.search(r"[^\W\d_]{2}", text) and not _DIGEST.fullmatch(text)}


@dataclass
class Visit:
    """`go` leads to the page with a browser of `role` ("" is nobody), where it answers `status`."""

    go: Callable[[Client, SandboxServer], HttpResponse]
    role: str = "editor"
    status: int = 200


def at(path: str, **options: Any) -> Visit:
    return Visit(lambda browser, _sandbox: browser.get(path), **options)


def sends(path: str, **typed: str) -> Callable[[Client, SandboxServer], HttpResponse]:
    return lambda browser, _sandbox: submit(browser, path, **typed)
