"""Every page of ours with its texts, for tests that read them all."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.test import Client, RequestFactory

from backoffice.forms.resume import pack_submission
from backoffice.models import Job, Outcome, SavedView, Step, User
from backoffice.sandbox.server import SandboxServer
from backoffice.services import audit
from tests.records.pages import form_of, read, submit
from tests.visiting import Visit, at, sends
from tests.visits_approvals import APPROVALS
from tests.visits_batches import BATCHES
from tests.visits_changing import CHANGING
from tests.visits_duplicates import DUPLICATES
from tests.visits_exports import EXPORTS
from tests.visits_grid import GRID
from tests.visits_home import HOME
from tests.visits_merges import MERGES
from tests.visits_results import RESULTS
from tests.visits_selection import SELECTION
from tests.visits_transfer import TRANSFER


def _conflict(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    sandbox.patch_row("clients", 1, {"dueDays": 14})
    form = form_of(browser, "/clients/1/edit/")
    sandbox.patch_row("clients", 1, {"dueDays": 60})
    return browser.post("/clients/1/edit/", {**form, "dueDays": "30", "addressCity": "Ny by"})


def _outage(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    sandbox.fault("status", status=503, times=None)
    answer = browser.get("/clients/1/")
    sandbox.clear_faults()
    return answer


def not_saved(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    form = form_of(browser, "/clients/1/edit/")
    sandbox.fault("status", method="GET", path="/clients/1", status=503, times=None)
    answer = browser.post("/clients/1/edit/", {**form, "addressCity": "Ny by"})
    sandbox.clear_faults()
    return answer


def _signed_in_again(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    kept = pack_submission(RequestFactory().post("/clients/new/", {"name": "Ny by"}))
    return browser.post("/login/", {"resume": kept})


def _lost_answer(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    form = form_of(browser, "/clients/1/edit/")
    sandbox.fault("reset", method="PATCH", path="/clients/1", apply=True)
    sandbox.fault("status", method="GET", path="/clients/1", status=503, skip=1, times=None)
    place = browser.post("/clients/1/edit/", {**form, "addressCity": "Ny by"})["Location"]
    answer = browser.get(place)
    sandbox.clear_faults()
    return answer


def _locked_out(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    for _try in range(20):
        answer = browser.post("/login/", {"username": "viewer", "password": "x"})
        if answer.status_code == 429:
            break
    return answer


def _after_a_save(path: str) -> Callable[[Client, SandboxServer], HttpResponse]:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        sandbox.patch_row("clients", 1, {"dueDays": 14, "addressCity": None})
        submit(browser, "/clients/1/edit/", dueDays="30", addressCity="Ny by")
        audit.append(action="access.refused", outcome="refused", detail="GET /clients/new/ (edit)")
        return browser.get(path.replace("JOB", str(Job.objects.latest("created_at").pk)))

    return go


def _exported(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    submit(browser, "/contacts/new/?client=/clients/1", name="Ny by", email="ny@example.com", type="invoice")
    b"".join(browser.get("/history/export/?as=plain&actor=steward"))  # type: ignore[arg-type]
    return browser.get("/history/")


def _moved(meanwhile: str) -> Callable[[Client, SandboxServer], HttpResponse]:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        first, second = read(browser.get("/contacts/")).rows[:2]  # others after a visit that deletes
        for key in (first, second):
            sandbox.patch_row("client-contacts", key, {"client": 1, "position": int(key)})
        form = form_of(browser, "/clients/1/contacts/", form_id="")
        browser.post("/clients/1/contacts/move/", {"places": form["places"], "down": first})
        undo = f"/jobs/{Job.objects.latest('created_at').pk}/undo/"
        shown = browser.get(undo)
        if meanwhile == "changed":
            sandbox.patch_row("client-contacts", second, {"position": 99})
            return browser.post(undo, form_of(browser, undo, form_id=""))
        if meanwhile == "gone":
            sandbox.delete_row("client-contacts", second)
            return browser.get(undo)
        return shown

    return go


def _checked(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    sandbox.set_profile(counterparty_writes="singular", page_size_max=10, embed_contacts=True)
    browser.post("/connection/")
    return browser.get("/connection/")


def _looked_up(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    sandbox.set_profile(enrich_status=202, enrich_delay=600.0)
    return browser.get(browser.post("/counterparties/1/enrich/")["Location"])


def _ended_session(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    return browser.post("/clients/new/", {"name": "Ny klient"})


def _linked(path: str) -> Callable[[Client, SandboxServer], HttpResponse]:
    """A page for somebody whose employee in Flowtly is known."""

    def go(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
        User.objects.update(employee="/employees/2")
        browser.get("/preferences/employee/")
        return browser.get(path)

    return go


def _with_view(path: str) -> Callable[[Client, SandboxServer], HttpResponse]:
    """A shared view, changed, that the steward's list opens with; VIEW stands for its number."""

    def go(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
        browser.post("/clients/views/", {"name": "Ny by", "state": "dueDays__gte=14", "shared": "on"})
        view = str(SavedView.objects.latest("pk").pk)
        browser.post("/clients/views/default/", {"view": view})
        if path == "/history/":
            browser.post(f"/clients/views/{view}/overwrite/", {"state": f"view={view}&dueDays__gte=30"})
            browser.post(f"/clients/views/{view}/", {"name": "Ny by"})
        return browser.get(path.replace("VIEW", view))

    return go


def _deleted(path: str) -> Callable[[Client, SandboxServer], HttpResponse]:
    def go(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
        key = read(browser.get("/contacts/")).rows[0]  # another one at the second visit
        browser.post(f"/contacts/{key}/delete/", form_of(browser, f"/contacts/{key}/delete/"))
        return browser.get(path.replace("JOB", str(Job.objects.latest("created_at").pk)).replace("KEY", key))

    return go


def _created_again(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    offer = _deleted("/jobs/JOB/undo/")(browser, sandbox)
    seen_there = offer.content.decode().split('name="seen" value="')[1].split('"')[0]
    browser.post(offer.wsgi_request.path, {"seen": seen_there})
    return browser.get("/history/")


def _delete_of_what_changed(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    form = form_of(browser, "/contacts/1/delete/")
    held = sandbox.row("client-contacts", 1)
    assert held is not None
    sandbox.patch_row("client-contacts", 1, {"position": held["position"] + 1})
    return browser.post("/contacts/1/delete/", form)


def _refused_delete(answer: str) -> Callable[[Client, SandboxServer], HttpResponse]:
    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        sandbox.set_profile(delete_in_use=answer)
        sandbox.patch_row("clients", 1, {"defaultCost": 5})
        return browser.post("/counterparties/5/delete/", form_of(browser, "/counterparties/5/delete/"))

    return go


def _counted(path: str, *keys: int) -> Callable[[Client, SandboxServer], HttpResponse]:
    """On a Flowtly that filters clients by their default cost; `keys` are those that have counterparty 5."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        sandbox.set_profile(filters=("defaultCost",))
        for key in range(1, 121):
            sandbox.patch_row("clients", key, {"defaultCost": 5 if key in keys else None})
        return browser.get(path)

    return go


def _gone_and_created(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    _created_again(browser, sandbox)
    return browser.get(f"/contacts/{Step.objects.filter(outcome=Outcome.DELETED).latest('pk').key}/")


def _moved_too_late(browser: Client, _sandbox: SandboxServer) -> HttpResponse:
    browser.post("/clients/1/contacts/move/", {})
    return browser.get("/clients/1/contacts/")


def _hidden_employees(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    sandbox.fault("status", status=403, path="/employees*", times=None)
    answer = browser.get("/preferences/employee/")
    sandbox.clear_faults()
    return answer


def _no_documents(browser: Client, sandbox: SandboxServer) -> HttpResponse:
    sandbox.fault("status", status=404, path="/clients/1/documents", times=None)
    answer = browser.get("/clients/1/documents/")
    sandbox.clear_faults()
    return answer


def _searched(path: str, *, status: int = 0, **switches: Any) -> Callable[[Client, SandboxServer], HttpResponse]:
    """Several clients of a like name, some known here; contacts that answer `status` instead."""

    def go(browser: Client, sandbox: SandboxServer) -> HttpResponse:
        sandbox.set_profile(**switches)
        for key in range(1, 10):
            sandbox.patch_row("clients", key, {"name": "none-of-these"})
        browser.get("/clients/1/")
        if status:
            sandbox.fault("status", path="/client-contacts", status=status, times=None)
        answer = browser.get(path)
        sandbox.clear_faults()
        return answer

    return go


ENTITIES = {
    "contacts": at("/contacts/", role="steward"),
    "contacts narrowed": at("/contacts/?title__empty=false&sort=-name", role="steward"),
    "narrow the contacts": at("/contacts/filter/?add=title&how=contains", role="steward"),
    "contacts searched": at("/contacts/?q=ann", role="steward"),
    "contact": at("/contacts/1/", role="steward"),
    "new contact": at("/contacts/new/?client=/clients/1"),
    "edit a contact": at("/contacts/1/edit/"),
    "contact with errors": Visit(sends("/contacts/1/edit/", email="x", name=""), status=422),
    "delete a contact": at("/contacts/1/delete/", role="steward"),
    "delete with lost data": Visit(
        lambda browser, _: browser.post("/contacts/1/delete/", {}), role="steward", status=422
    ),
    "delete of what changed": Visit(_delete_of_what_changed, role="steward", status=409),
    "delete refused": Visit(_refused_delete("409"), role="steward", status=422),
    "delete not carried out": Visit(_refused_delete("500"), role="steward", status=503),
    "delete of what one refers to": Visit(_counted("/counterparties/5/delete/", 2), role="steward"),
    "delete of what nobody refers to": Visit(_counted("/counterparties/5/delete/"), role="steward"),
    "deleted": Visit(_deleted("/jobs/JOB/"), role="steward"),
    "deleted and gone": Visit(_deleted("/contacts/KEY/"), role="steward", status=404),
    "create again": Visit(_deleted("/jobs/JOB/undo/"), role="steward"),
    "created again": Visit(_created_again, role="steward"),
    "notes": at("/notes/", role="steward"),
    "new note": Visit(_linked("/notes/new/")),
    "edit a note": Visit(_linked("/notes/018cc0de-0000-7000-8000-000000000001/edit/")),
    "note by whom": at("/notes/new/"),
    "note by whom, late": Visit(lambda browser, _: browser.post("/notes/new/", {"note": "Ny by"}), status=409),
    "nobody of the employees": Visit(lambda browser, _: browser.post("/preferences/employee/"), status=422),
    "hidden employees": Visit(_hidden_employees),
    "preferences of an author": Visit(_linked("/preferences/")),
    "counterparties": at("/counterparties/", role="steward"),
    "counterparty": at("/counterparties/1/", role="steward"),
    "new counterparty": at("/counterparties/new/"),
    "counterparty with errors": Visit(sends("/counterparties/1/edit/", cyclic="x", logoUrl="x"), status=422),
    "clients of a counterparty, not told": at("/counterparties/1/clients/"),
    "clients of a counterparty": Visit(_counted("/counterparties/5/clients/", 1, 2, 3)),
    "gone and created again": Visit(_gone_and_created, role="steward", status=404),
    "no clients of a counterparty": Visit(_counted("/counterparties/5/clients/")),
    "contacts of a client": at("/clients/1/contacts/", role="steward"),
    "contacts moved too late": Visit(_moved_too_late, role="steward"),
    "notes of a client": at("/clients/1/notes/", role="steward"),
    "documents of a client": at("/clients/1/documents/"),
    "no documents of a client": Visit(_no_documents),
}
ARRANGED = {
    "columns": at("/clients/columns/"),
    "columns of a view": Visit(_with_view("/clients/columns/"), role="steward"),
    "list in a view": Visit(_with_view("/clients/"), role="steward"),
    "list in a changed view": Visit(_with_view("/clients/?view=VIEW&dueDays__gte=30"), role="steward"),
    "list in a view that is gone": at("/clients/?view=987654"),
    "views": Visit(_with_view("/clients/views/"), role="steward"),
    "no views": at("/clients/views/"),
    "view without a name": Visit(lambda browser, _: browser.post("/clients/views/", {"name": " "}), status=422),
    "view": Visit(_with_view("/clients/views/VIEW/"), role="steward"),
    "history of views": Visit(_with_view("/history/"), role="steward"),
}
VISITS = (
    ENTITIES
    | APPROVALS
    | BATCHES
    | DUPLICATES
    | EXPORTS
    | HOME
    | MERGES
    | RESULTS
    | SELECTION
    | TRANSFER
    | CHANGING
    | GRID
    | GRID
    | TRANSFER
    | CHANGING
    | ARRANGED
    | {
        "search": at("/search/"),
        "search of an admin": at("/search/", role="admin"),
        "search, found": at("/search/?q=12"),
        "search, found in Flowtly": Visit(_searched("/search/?q=none-of-these")),
        "search, nothing found": at("/search/?q=nobody-of-this-name"),
        "search with an outage": Visit(_searched("/search/?q=none-of-these", status=503)),
        "search without a search": Visit(_searched("/search/?q=none-of-these", filters=frozenset())),
        "login": at("/login/", role=""),
        "login refused": Visit(
            lambda browser, _: browser.post("/login/", {"username": "x", "password": "x"}), role=""
        ),
        "login shut": Visit(_locked_out, role="", status=429),
        "signed in again": Visit(_signed_in_again),
        "session ended": Visit(_ended_session, role="", status=401),
        "password reset": at("/password/reset/", role=""),
        "password reset sent": at("/password/reset/sent/", role=""),
        "password reset link used up": at("/password/reset/x/y/", role=""),
        "password changed": at("/password/done/"),
        "password set": at("/password/reset/done/", role=""),
        "password": at("/password/"),
        "password refused": Visit(sends("/password/", old_password="x", new_password1="1", new_password2="2")),
        "preferences": at("/preferences/"),
        "home": Visit(_after_a_save("/")),
        "home of an admin": at("/", role="admin"),
        "list": at("/clients/"),
        "list of a viewer": at("/clients/?q=ab&page=999", role="viewer"),
        "list asked for too much": at("/clients/?sort=nothing&size=7&country=x&page=x"),
        "list narrowed here": at("/clients/?tinType=none-of-these"),
        "list without a match": at("/clients/?q=nobody-of-this-name"),
        "new": at("/clients/new/"),
        "new without anything": Visit(sends("/clients/new/", name=""), status=422),
        "new with a country in the number": Visit(
            sends("/clients/new/", name="N", status="a", tinType="x", vatNumber="PL5842751979"), status=422
        ),
        "client": at("/clients/1/"),
        "edit": at("/clients/1/edit/"),
        "edit with errors": Visit(
            sends("/clients/1/edit/", dueDays="x", name="n" * 300, defaultCost="none of this name"), status=422
        ),
        "edit with a doubt": Visit(sends("/clients/1/edit/", tin="123"), status=422),
        "edit with lost data": Visit(sends("/clients/1/edit/", base="x", name="Ny"), status=422),
        "conflict": Visit(_conflict, status=409),
        "lost answer": Visit(_lost_answer),
        "not saved": Visit(not_saved, status=503),
        "history of a client": Visit(_after_a_save("/clients/1/history/")),
        "history of an untouched client": at("/clients/2/history/"),
        "job": Visit(_after_a_save("/jobs/JOB/")),
        "undo": Visit(_after_a_save("/jobs/JOB/undo/")),
        "history": Visit(_after_a_save("/history/")),
        "history without a match": at("/history/?actor=nobody-of-this-name&since=yesterday&field=x"),
        "history through filters": Visit(
            _after_a_save(
                "/history/?q=1&actor=editor&entity=clients&key=1&field=clients.dueDays&action=clients.update"
                "&outcome=changed&since=2020-01-01&until=2999-12-31"
            )
        ),
        "history with an export and a creation": Visit(_exported, role="steward"),
        "undo of a move": Visit(_moved(""), role="steward"),
        "undo of a move too late": Visit(_moved("changed"), role="steward", status=409),
        "undo of a move of what is gone": Visit(_moved("gone"), role="steward"),
        "connection never checked": at("/connection/", role="admin"),
        "connection": Visit(_checked, role="admin"),
        "look-up going on": Visit(_looked_up),
        "gone": at("/clients/987654/", status=404),
        "no such page": at("/no/such/page/", status=404),
        "not allowed": at("/clients/new/", role="approver", status=403),
        "outage": Visit(_outage, status=503),
    }
)
