"""A process that visits every page once, and counts in the sandbox's own log what each asked of Flowtly."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import django
import requests

from bench.figures import CannotMeasure
from bench.forms import inputs_of
from bench.question import answer, question

FRAGMENT = {"HX-Request": "true"}
TYPE_AHEAD = "/clients/suggest/?field=defaultCost&q=abc"


class Visitor:
    """Somebody signed in; each visit notes how many requests it caused."""

    def __init__(self, control: str, cookie: str) -> None:
        from django.test import Client

        self._log = f"{control}/log"
        self._browser = Client(headers={"cookie": cookie})
        self._browser.cookies.load(cookie)

    def get(self, path: str, *, fragment: bool = False) -> tuple[int, str]:
        """Requests to Flowtly, and the body. A page that fails is no page."""
        return self._counted("GET", path, headers=FRAGMENT if fragment else {})

    def post(self, path: str, values: dict[str, str]) -> tuple[int, str]:
        """Requests to Flowtly, and where the answer leads to: a save answers with a redirect."""
        return self._counted("POST", path, data=values)

    def _counted(self, method: str, path: str, **options: Any) -> tuple[int, str]:
        requests.delete(self._log, timeout=60)
        response = getattr(self._browser, method.lower())(path, **options)
        count = len(requests.get(self._log, timeout=60).json())
        if method == "GET" and response.status_code == 200:
            return count, response.content.decode()
        if method == "POST" and response.status_code in (302, 303):
            return count, response["Location"]
        raise CannotMeasure(f"{method} {path}: {response.status_code}\n{response.content[-3000:].decode()}")


def visits(visitor: Visitor, client: dict[str, Any]) -> Iterator[tuple[str, int]]:
    """(kind of page, requests) of every page. `client` is a record that has contacts."""
    # Long: one page after the other; some need what the one before answered.
    page = f"/clients/{client['key']}/"
    for query in _list_queries(client):
        yield "list", visitor.get(f"/clients/?{urlencode(query)}")[0]
    yield "list", visitor.get("/clients/?size=100&page=2", fragment=True)[0]
    yield "detail", visitor.get(page)[0]
    count, form = visitor.get(f"{page}edit/")
    yield "edit form", count
    values = inputs_of(form, holding="dueDays")
    count, _ = visitor.post(f"{page}edit/", values | {"dueDays": str(client["dueDays"] + 1), "confirm": "1"})
    yield "save", count
    count, form = visitor.get("/clients/new/")
    yield "new form", count
    fresh = inputs_of(form, holding="dueDays") | {
        name: values[name] for name in ("country", "currency", "status", "tinType")
    }
    yield "create", visitor.post("/clients/new/", fresh | {"name": "Measured ApS", "dueDays": "14"})[0]
    job = _undoable()
    count, form = visitor.get(f"/jobs/{job}/undo/")
    yield "undo form", count
    yield "undo", visitor.post(f"/jobs/{job}/undo/", inputs_of(form, holding="seen"))[0]
    yield "history tab", visitor.get(f"{page}history/", fragment=True)[0]
    yield "type-ahead", visitor.get(TYPE_AHEAD, fragment=True)[0]
    for path in ("/", "/branding/", "/history/", "/jobs/", f"/jobs/{job}/", "/preferences/", "/healthz"):
        yield "home, branding, history, jobs, preferences, healthz", visitor.get(path)[0]
    yield "readyz", visitor.get("/readyz")[0]


def _list_queries(client: dict[str, Any]) -> list[dict[str, Any]]:
    """Plain, searched, filtered, sorted, another page, another size, and everything at once."""
    word = str(client["name"])[:5].strip()
    status = client["status"]
    everything = {"q": word, "status": status, "sort": "-name", "size": 25}
    return [{}, {"q": word}, {"status": status}, {"sort": "-name"}, {"page": 2}, {"size": 200}, everything]


def _undoable() -> str:
    """The job of the save above."""
    from backoffice.models import Job

    return str(Job.objects.filter(phases__steps__outcome="changed").latest("created_at").pk)


def _first_visits(visitor: Visitor) -> Iterator[tuple[str, int]]:
    """What a process asks before its look-ups are warm; afterwards names and look-ups are known."""
    from backoffice.resources.clients import CLIENTS
    from backoffice.services import reading

    for path in ("/clients/", "/clients/new/", TYPE_AHEAD):
        yield "first visits", visitor.get(path)[0]
    found = reading.list_records(resource=CLIENTS, query=reading.ListQuery(size=100)).records
    reading.fill_names(slug="counterparties", iris=[str(each["defaultCost"] or "") for each in found])
    visitor.get(f"/clients/{_with_contacts()['key']}/")


def _with_contacts() -> dict[str, Any]:
    """A client that has contacts and a number of due days."""
    from backoffice.resources.clients import CLIENTS
    from backoffice.services import reading

    found = reading.list_records(resource=CLIENTS, query=reading.ListQuery(size=100)).records
    record = next(each for each in found if each["clientContacts"] and each["dueDays"] is not None)
    return {"key": record.key, "name": record.label, "status": record["status"], "dueDays": record["dueDays"]}


def main() -> None:
    asked = question()
    django.setup()
    visitor = Visitor(asked["control"], asked["cookie"])
    first = list(_first_visits(visitor))
    answer([*visits(visitor, _with_contacts()), *first])


if __name__ == "__main__":
    main()
