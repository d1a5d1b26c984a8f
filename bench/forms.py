"""Filling in a form of a page as a browser does."""

from __future__ import annotations

from html.parser import HTMLParser

_NOT_SENT = ("submit", "button", "image", "reset", "file")


class _Inputs(HTMLParser):
    """What a browser would send of the first form that holds an input called `holding`."""

    def __init__(self, holding: str) -> None:
        super().__init__()
        self.found: dict[str, str] = {}
        self._holding, self._open, self._done = holding, False, False
        self._name: str | None = None  # of the select or textarea we are in

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._open, self._name = not self._done, None
            self.found = self.found if self._done else {}
        elif self._open and tag == "input":
            self._input(given, ticked="checked" in given)
        elif self._open and tag in ("select", "textarea"):
            self._name = given.get("name")
            if self._name:
                self.found[self._name] = ""
        elif self._open and tag == "option" and self._name and "selected" in given:
            self.found[self._name] = given.get("value", "")

    def _input(self, given: dict[str, str], *, ticked: bool) -> None:
        kind = given.get("type", "text")
        if given.get("name") and kind not in _NOT_SENT and (ticked or kind not in ("checkbox", "radio")):
            self.found[given["name"]] = given.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._open and self._name and self.lasttag == "textarea":
            self.found[self._name] += data

    def handle_endtag(self, tag: str) -> None:
        if tag in ("select", "textarea"):
            self._name = None
        elif tag == "form" and self._open:
            self._open, self._done = False, self._holding in self.found


def inputs_of(html: str, *, holding: str) -> dict[str, str]:
    """The values that the form with an input called `holding` would send; KeyError where there is none."""
    parser = _Inputs(holding)
    parser.feed(html)
    if holding not in parser.found:
        raise KeyError(f"no form holds {holding!r}")
    return parser.found
