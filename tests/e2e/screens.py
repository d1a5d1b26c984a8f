"""Every page of ours and the way to it, for tests that look at each of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from playwright.sync_api import expect

from .clerk import Clerk
from .flowtly import Flowtly

Way = Callable[[Clerk, Flowtly], None]
LONG_NAME = (
    "Skandinavisk Grossistforening for Kontorartikler, Inventar og Rengøringsmidler i Midtjylland A.m.b.a. "
)


@dataclass(frozen=True)
class Screen:
    """`way` leads there, as `role` (nobody where empty)."""

    way: Way
    role: str = "editor"


SCREENS: dict[str, Screen] = {}


def screen(role: str = "editor") -> Callable[[Way], Way]:
    def add(way: Way) -> Way:
        SCREENS[way.__name__.replace("_", " ")] = Screen(way, role)
        return way

    return add


def plain(name: str, path: str, *, role: str = "editor", status: int = 200) -> None:
    SCREENS[name] = Screen(lambda clerk, _flowtly: (clerk.opens(path, status), None)[1], role)


plain("login", "/login/?next=/clients/", role="")
plain("password reset", "/password/reset/", role="")
plain("password reset sent", "/password/reset/sent/", role="")
plain("password reset link used up", "/password/reset/x/y/", role="")
plain("list", "/clients/")
plain("list narrowed", "/clients/?status=active&country=/countries/1&sort=-name&page=2&size=25")
plain("list without a match", "/clients/?q=nobody-of-this-name")
plain("list narrowed by what Flowtly lacks", "/clients/?vatNumber__empty=true&dueDays__gte=14&sort=tin")
plain("add a filter", "/clients/filter/?add=status&status=active")
plain("export", "/clients/export/?status=active&sort=-name")
plain("no exports", "/exports/", role="approver")
plain("new", "/clients/new/")
plain("preferences", "/preferences/")
plain("search", "/search/")
plain("search found", "/search/?q=aps")
plain("search without a match", "/search/?q=nobody-of-this-name")
plain("password change", "/password/")
plain("history without a match", "/history/?actor=nobody-of-this-name")
plain("not allowed", "/clients/new/", role="approver", status=403)
plain("no such page", "/no/such/page/", status=404)
plain("jobs", "/jobs/")
plain("jobs of a kind", "/jobs/?group=failed")
plain("gone", "/clients/987654/", status=404)


@screen()
def list_with_the_export_panel(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/clients/?status=active")
    clerk.page.locator("#export").click()
    expect(clerk.page.locator("#export-panel")).to_contain_text("Status: active")


@screen("viewer")
def exports(clerk: Clerk, flowtly: Flowtly) -> None:
    list_with_the_export_panel(clerk, flowtly)
    with clerk.page.expect_download():
        clerk.page.get_by_role("button", name="Make the file").click()
    clerk.opens("/exports/")


@screen("viewer")
def export_made(clerk: Clerk, flowtly: Flowtly) -> None:
    exports(clerk, flowtly)
    clerk.page.locator("[data-row-link]").first.click()
    clerk.reads("The file is ready")


@screen(role="")
def login_refused(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/login/")
    clerk.fills(username="editor", password="wrong")
    clerk.clicks("Sign in")
    expect(clerk.summary).to_be_visible()


@screen()
def home(clerk: Clerk, flowtly: Flowtly) -> None:
    saved(clerk, flowtly)
    clerk.opens("/")


@screen()
def home_with_its_numbers(clerk: Clerk, flowtly: Flowtly) -> None:
    saved(clerk, flowtly)
    clerk.opens("/")
    clerk.until_copied()
    expect(clerk.page.locator(".days")).to_be_visible()


@screen()
def branding(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/")
    clerk.until_copied()
    clerk.opens("/branding/")
    expect(clerk.page.locator(".shares")).to_be_visible()


@screen()
def clients_of_a_counterparty_by_our_copy(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/")
    clerk.until_copied()
    clerk.opens("/counterparties/1/clients/")
    expect(clerk.page.locator(".tab-head")).to_contain_text("our copy")


@screen()
def detail(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/clients/{one_client(flowtly)}/")


@screen()
def saved(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.edits(one_client(flowtly), dueDays="30", addressCity="Odense", invoiceComment="")
    clerk.saves()
    expect(clerk.toast).to_contain_text("was saved")


@screen()
def detail_history(clerk: Clerk, flowtly: Flowtly) -> None:
    saved(clerk, flowtly)
    clerk.page.locator(".tabs").get_by_role("link", name="History").click()
    expect(clerk.page.locator(".timeline")).to_be_visible()


@screen()
def history(clerk: Clerk, flowtly: Flowtly) -> None:
    saved(clerk, flowtly)
    clerk.opens("/history/")


@screen()
def history_through_filters(clerk: Clerk, flowtly: Flowtly) -> None:
    saved(clerk, flowtly)
    filters = "actor=editor&entity=clients&field=clients.dueDays&action=clients.update&outcome=changed"
    clerk.opens(f"/history/?{filters}&since=2020-01-01&until=2999-12-31&q={LONG_NAME}")
    expect(clerk.page.locator(".chip").first).to_be_visible()


@screen(role="steward")
def undo_of_a_move(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/clients/1/contacts/")
    clerk.page.locator("button[name=down]").first.click()
    clerk.opens("/history/")
    clerk.page.locator(".timeline").get_by_role("link", name="Undo", exact=True).first.click()
    expect(clerk.page.get_by_role("button", name="Take it back")).to_be_visible()


@screen()
def edit(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/clients/{one_client(flowtly)}/edit/")


@screen()
def edit_with_errors(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.edits(one_client(flowtly), name="", dueDays="soon")
    clerk.saves()
    expect(clerk.summary).to_contain_text("2 entries need correcting")


@screen()
def edit_refused_by_flowtly(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.edits(one_client(flowtly), status="mislaid")
    clerk.saves()
    expect(clerk.page.locator("#id_status_error")).to_be_visible()


@screen()
def edit_with_an_offer_and_a_doubt(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.edits(one_client(flowtly), tin="12345679", vatNumber="PL46584837")
    clerk.saves()
    expect(clerk.summary).to_contain_text("Not saved yet")


@screen()
def edit_with_an_open_list(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.edits(one_client(flowtly), defaultCost="the")
    clerk.presses("ArrowDown")
    expect(clerk.page.locator("#id_defaultCost_options")).to_be_visible()
    expect(clerk.page.locator("#id_defaultCost_options [data-value]").first).to_be_visible()


@screen()
def new_with_errors(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/clients/new/")
    clerk.clicks("Create client")
    clerk.fills(name="Ny klient ApS")
    clerk.clicks("Create client")
    expect(clerk.summary).to_be_visible()


@screen()
def conflict(clerk: Clerk, flowtly: Flowtly) -> None:
    key = one_client(flowtly)
    clerk.edits(key, dueDays="30", invoiceComment="Mine " * 30, addressCity="Odense")
    flowtly.changes_meanwhile(key, dueDays=45, invoiceComment="Theirs " * 40)
    clerk.saves()
    expect(clerk.page.locator("table.conflict")).to_be_visible()


@screen()
def job(clerk: Clerk, flowtly: Flowtly) -> None:
    detail_history(clerk, flowtly)
    clerk.link("Details").click()
    expect(clerk.page.locator(".job")).to_be_visible()


@screen()
def job_of_unknown_outcome(clerk: Clerk, flowtly: Flowtly) -> None:
    key = one_client(flowtly)
    clerk.edits(key, dueDays="30")
    path = f"/clients/{key}"
    flowtly.somebody_edits(method="PATCH", path=path, resource="clients", key=key, changes={"dueDays": 99})
    flowtly.fails(kind="reset", method="PATCH", path=path)
    clerk.saves()
    clerk.reads("It is not known whether Flowtly saved this.")


@screen()
def undo(clerk: Clerk, flowtly: Flowtly) -> None:
    saved(clerk, flowtly)
    clerk.toast.get_by_role("link", name="Undo").click()
    expect(clerk.page.get_by_role("button", name="Take it back")).to_be_visible()


@screen()
def undo_of_what_was_changed_since(clerk: Clerk, flowtly: Flowtly) -> None:
    saved(clerk, flowtly)
    flowtly.changes_meanwhile(clerk.page.url.rstrip("/").rpartition("/")[2], dueDays=60)
    clerk.toast.get_by_role("link", name="Undo").click()
    expect(clerk.page.get_by_role("checkbox")).to_be_visible()


@screen()
def undo_of_what_was_undone(clerk: Clerk, flowtly: Flowtly) -> None:
    undo(clerk, flowtly)
    address = clerk.page.url
    clerk.clicks("Take it back")
    expect(clerk.toast).to_be_visible()
    clerk.page.goto(address)
    clerk.reads("There is nothing to take back")


@screen()
def list_while_flowtly_is_down(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/clients/")
    flowtly.is_down()
    clerk.search.fill("Prøveklient")
    expect(clerk.page.locator("#records")).to_contain_text("Flowtly cannot be reached")


@screen()
def page_while_flowtly_is_down(clerk: Clerk, flowtly: Flowtly) -> None:
    key = one_client(flowtly)
    flowtly.is_down()
    clerk.opens(f"/clients/{key}/", 503)


@screen()
def form_while_flowtly_is_down(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.edits(one_client(flowtly), dueDays="30")
    flowtly.is_down()
    clerk.saves()
    expect(clerk.summary).to_contain_text("Not saved")


@screen()
def login_over_a_form(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.edits(one_client(flowtly), dueDays="30")
    clerk.context.clear_cookies(name="backoffice_session")
    clerk.saves()
    clerk.reads("What you typed is kept")


@screen()
def signed_in_again(clerk: Clerk, flowtly: Flowtly) -> None:
    login_over_a_form(clerk, flowtly)
    clerk.signs_in_as("editor")
    expect(clerk.page.get_by_role("button", name="Send what I typed")).to_be_visible()


@screen()
def list_with_its_keys(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens("/clients/")
    clerk.presses("?")
    expect(clerk.page.locator("#keys")).to_be_visible()


@screen()
def search_opened(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/clients/{one_client(flowtly)}/")
    clerk.calls_the_search()


@screen()
def search_with_records(clerk: Clerk, flowtly: Flowtly) -> None:
    search_opened(clerk, flowtly)
    clerk.asks(LONG_NAME)


@screen()
def search_while_flowtly_is_down(clerk: Clerk, flowtly: Flowtly) -> None:
    search_opened(clerk, flowtly)
    flowtly.is_down()
    clerk.asks(LONG_NAME)
    expect(clerk.palette).to_contain_text("Flowtly cannot be reached")


@screen()
def detail_with_the_account_menu(clerk: Clerk, flowtly: Flowtly) -> None:
    clerk.opens(f"/clients/{one_client(flowtly)}/")
    clerk.page.locator("[popovertarget=menu-user]").click()
    expect(clerk.page.locator("#menu-user")).to_be_visible()


def one_client(flowtly: Flowtly) -> str:
    """One that is hard to show: a long name, markup, long text, contacts left out."""
    values = {
        "addressStreetLine": "Storegade " * 12,
        "invoiceComment": "Linje\n" * 4 + "https://example.com/" + "x" * 120,
    }
    return str(flowtly.has_client(name=f"{LONG_NAME}<b>&amp;</b>", tinCountry="DK", **values)["id"])
