"""Reading our pages as a browser does: rows, forms with what they would post, messages."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client


@dataclass
class Page:
    """`rows` are data-ids; `fields` what the form named record-form (else any POST form) would send."""

    text: str
    rows: list[str] = field(default_factory=list)
    fields: dict[str, str] = field(default_factory=dict)
    links: list[str] = field(default_factory=list)


class _Reader(HTMLParser):
    def __init__(self, form_id: str) -> None:
        super().__init__(convert_charrefs=True)
        self.page = Page("")
        self.form_id = form_id
        self.inside = False
        self.select = self.area = ""
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = {name: value or "" for name, value in attrs}
        if tag == "tr" and "data-id" in held:
            self.page.rows.append(held["data-id"])
        if tag == "a" and "href" in held:
            self.page.links.append(held["href"])
        if tag == "form":
            self.inside = held.get("id", "") == self.form_id
        if self.inside:
            self._control(tag, held)

    def _control(self, tag: str, held: dict[str, str]) -> None:
        name = held.get("name", "")
        if tag == "input" and name and (held.get("type") not in ("radio", "checkbox") or "checked" in held):
            self.page.fields[name] = held.get("value", "")
        elif tag == "textarea":
            self.area = name
            self.page.fields[name] = ""
        elif tag == "select":
            self.select = name
            self.page.fields.setdefault(name, "")
        elif tag == "option" and self.select and "selected" in held:
            self.page.fields[self.select] = held.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""
        elif tag == "select":
            self.select = ""
        elif tag == "form":
            self.inside = False

    def handle_data(self, data: str) -> None:
        if self.area:
            text = self.page.fields[self.area] + data
            self.page.fields[self.area] = text.removeprefix("\n")
        else:
            self.words.append(data)


def read(response: HttpResponse, form_id: str = "record-form") -> Page:
    reader = _Reader(form_id)
    reader.feed(response.content.decode())
    reader.page.text = re.sub(r"\s+", " ", " ".join(reader.words))
    for name, text in reader.page.fields.items():
        reader.page.fields[name] = text.replace("\n", "\r\n")
    return reader.page


def form_of(client: Client, url: str, form_id: str = "record-form") -> dict[str, str]:
    """What the form at `url` would post if nothing was touched; `form_id` is "" for forms without one."""
    return read(client.get(url), form_id).fields


def submit(client: Client, url: str, **typed: str) -> HttpResponse:
    """Opens the form at `url`, changes `typed`, sends it."""
    return client.post(url, {**form_of(client, url), **typed})


def said(response: HttpResponse) -> str:
    """The messages that wait for the next page."""
    return " ".join(str(message) for message in get_messages(response.wsgi_request))
