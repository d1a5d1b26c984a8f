"""Every finding in words: what was found, and what it means for the people who work here."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from backoffice.resources import REGISTRY
from backoffice.services.contract.expected import OPERATIONS, OPTIONAL
from backoffice.services.contract.findings import Finding, Report, Severity

Text = str | Promise
_CONNECTION, _PROFILE, _WRITING, _DOCUMENT = "connection", "profile", "writing", "document"
SECTIONS: dict[str, Text] = {
    _CONNECTION: _("Connection"),
    _PROFILE: _("How this Flowtly speaks"),
    _WRITING: _("Where counterparties are written"),
    _DOCUMENT: _("Flowtly's own API document"),
}


@dataclass(frozen=True)
class Words:
    section: str
    says: Text
    means: Text = ""


@dataclass(frozen=True)
class Line:
    """A finding in the language of the reader."""

    finding: Finding
    says: str
    means: str


@dataclass(frozen=True)
class Section:
    title: str
    lines: list[Line]


def sections(report: Report) -> list[Section]:
    """The report for a reader: by section, the gravest first."""
    found = []
    for name, title in SECTIONS.items():
        own = [item for item in report.findings if WORDS[item.code].section == name]
        own.sort(key=lambda item: -item.severity.rank)
        if own:
            found.append(Section(str(title), [line(item) for item in own]))
    return found


def summary(report: Report) -> str:
    """The whole report in a sentence."""
    return str(_SUMMARIES[report.severity])


_SUMMARIES: dict[Severity, Text] = {
    Severity.OK: _("Everything is as we expect it."),
    Severity.NOTE: _("Everything works; a few things are good to know."),
    Severity.WARNING: _("It works, but some things work less well than they could."),
    Severity.PROBLEM: _("Something does not work."),
}


def line(finding: Finding) -> Line:
    words = WORDS[finding.code]
    values = dict(finding.values)
    if (resource := REGISTRY.get(values.get("entity", ""))) is not None:
        values["entity"] = capfirst(str(resource.label_plural))
    return Line(finding, str(words.says) % values, str(_special(finding) or words.means) % values)


def _special(finding: Finding) -> Text:
    """The meaning that depends on which operation or address it is."""
    if finding.code == "operation_missing":
        named = (item.without for item in OPERATIONS if str(item) == finding.values["operation"])
        return next(named, "")
    if finding.code in ("address_missing", "address_forbidden"):
        return OPTIONAL.get(finding.values["path"], "")
    return ""


WORDS: dict[str, Words] = {
    # The connection
    "reached": Words(_CONNECTION, _("Flowtly at %(address)s answers and lets us in.")),
    "instance": Words(_CONNECTION, _("Each call names the instance %(instance)s.")),
    "unreachable": Words(
        _CONNECTION,
        _("Flowtly cannot be reached (%(reason)s)."),
        _("Nothing can be read or saved. Check FLOWTLY_API_URL and the network."),
    ),
    "unauthorized": Words(
        _CONNECTION,
        _("Flowtly refuses the credentials (%(reason)s)."),
        _("Nothing can be read or saved. Check FLOWTLY_API_TOKEN, or FLOWTLY_USERNAME and FLOWTLY_PASSWORD."),
    ),
    "forbidden": Words(
        _CONNECTION,
        _("Flowtly does not let these credentials read clients (%(reason)s)."),
        _("Nothing can be read or saved. Check the rights of the account, and FLOWTLY_INSTANCE."),
    ),
    "rate_limited": Words(
        _CONNECTION,
        _("Flowtly asks us to wait (%(reason)s)."),
        _("Nothing can be read or saved until then. Check again in a minute."),
    ),
    "not_flowtly": Words(
        _CONNECTION,
        _("The address does not answer like Flowtly (%(reason)s)."),
        _("Nothing can be read or saved. Check FLOWTLY_API_URL and its path."),
    ),
    "probe_failed": Words(
        _CONNECTION,
        _("A part of the check could not be done: %(part)s (%(reason)s)."),
        _("Nothing is known of this part. Check again."),
    ),
    "login": Words(
        _CONNECTION, _("We sign in with username and password; the token does not say how long it lasts.")
    ),
    "login_until": Words(
        _CONNECTION,
        _("We sign in with username and password; the token lasts %(minutes)s more minutes."),
        _("A new one is fetched when it runs out; nobody has to do anything."),
    ),
    "token_silent": Words(_CONNECTION, _("The token does not say when it runs out.")),
    "token_until": Words(_CONNECTION, _("The token runs out on %(moment)s, in %(days)s days.")),
    "token_soon": Words(
        _CONNECTION,
        _("The token runs out on %(moment)s, in %(days)s days."),
        _("After that nothing can be read or saved. Set a new FLOWTLY_API_TOKEN before."),
    ),
    "token_expired": Words(
        _CONNECTION,
        _("The token says that it ran out on %(moment)s."),
        _("Flowtly still takes it. Set a new FLOWTLY_API_TOKEN before it stops doing so."),
    ),
    "quick": Words(_CONNECTION, _("A read takes %(ms)s ms (the middle of %(count)s).")),
    "slow": Words(
        _CONNECTION,
        _("A read takes %(ms)s ms (the middle of %(count)s)."),
        _("Every page waits at least this long."),
    ),
    # The profile
    "prefix": Words(_PROFILE, _("All addresses begin with %(prefix)s.")),
    "prefix_none": Words(_PROFILE, _("The addresses have no prefix.")),
    "prefix_differs": Words(
        _PROFILE,
        _("Records carry addresses that begin with %(theirs)s, while FLOWTLY_API_URL leads to %(ours)s."),
        _("A proxy seems to stand between. Links between records may not be found; check FLOWTLY_API_URL."),
    ),
    "envelope_prefixed": Words(_PROFILE, _("Lists come as hydra:member.")),
    "envelope_plain": Words(_PROFILE, _("Lists come as member.")),
    "envelope_bare": Words(
        _PROFILE,
        _("Lists come without totals and links."),
        _("Lists show no number of pages, and filters are not known."),
    ),
    "errors_problem": Words(_PROFILE, _("Errors come as problem+json.")),
    "errors_legacy": Words(_PROFILE, _("Errors come in Hydra's older form.")),
    "errors_other": Words(
        _PROFILE,
        _("Errors come in a form of their own."),
        _("Flowtly's own words may be missing where it refuses something."),
    ),
    "errors_ambiguous": Words(
        _PROFILE,
        _("A record that is not there is answered like an address that is not there."),
        _("A record that was deleted in Flowtly is shown as an error, not as gone."),
    ),
    "page_size_kept": Words(_PROFILE, _("The page size is honoured: asked for %(asked)s, got %(got)s.")),
    "page_size_capped": Words(
        _PROFILE,
        _("Pages hold %(got)s records at most; %(asked)s were asked for."),
        _("Whole lists take more requests to read. Nothing is left out."),
    ),
    "page_size_ignored": Words(
        _PROFILE,
        _("The page size is Flowtly's own: asked for %(asked)s, got %(got)s."),
        _("Lists show as many rows as Flowtly gives, whatever is chosen. Nothing is left out."),
    ),
    "page_size_unknown": Words(
        _PROFILE, _("There are too few clients to tell whether the page size is honoured.")
    ),
    "page_total_missing": Words(
        _PROFILE, _("Lists do not say how many records there are."), _("Lists show no number of pages.")
    ),
    "list_can": Words(_PROFILE, _("%(entity)s: Flowtly filters by %(filters)s and sorts by %(sorts)s.")),
    "list_silent": Words(_PROFILE, _("%(entity)s: Flowtly declares no filters and no sorting.")),
    "list_cannot": Words(
        _PROFILE,
        _("%(entity)s: Flowtly cannot filter by %(filters)s."),
        _("The back office does that itself, and the list says so."),
    ),
    "list_unread": Words(
        _PROFILE, _("%(entity)s: the list cannot be read (%(reason)s)."), _("Its page shows an error.")
    ),
    "search_declared": Words(_PROFILE, _("%(path)s searches by %(parameter)s: declared, and proved by a try.")),
    "search_proved": Words(_PROFILE, _("%(path)s searches by %(parameter)s: not declared, but proved by a try.")),
    "search_none": Words(
        _PROFILE,
        _("%(path)s does not search by %(parameter)s, nor by anything that it declares."),
        _("The back office searches itself, and says so. Where the name is known, set FLOWTLY_SEARCH_PARAM."),
    ),
    "relations_iris": Words(_PROFILE, _("Related records come as addresses.")),
    "relations_whole": Words(_PROFILE, _("These related records come whole: %(fields)s.")),
    "addresses_there": Words(_PROFILE, _("These lists can be read: %(paths)s.")),
    "address_missing": Words(_PROFILE, _("%(path)s is not there."), _("What it holds cannot be shown.")),
    "address_forbidden": Words(
        _PROFILE, _("%(path)s may not be read with these credentials."), _("What it holds cannot be shown.")
    ),
    "address_failing": Words(
        _PROFILE, _("%(path)s cannot be read (%(reason)s)."), _("Pages that need it show an error.")
    ),
    # Counterparties
    "write_plural": Words(_WRITING, _("Counterparties are created and changed at /counterparties.")),
    "write_singular": Words(
        _WRITING,
        _("Counterparties are created and changed at /counterparty."),
        _("This Flowtly does not take them at /counterparties. Nobody has to do anything."),
    ),
    "write_neither": Words(
        _WRITING,
        _("Neither /counterparties nor /counterparty takes both new counterparties and changes."),
        _("Some saves of counterparties will be refused."),
    ),
    "write_unknown": Words(
        _WRITING,
        _("Flowtly does not tell where it takes counterparties; the %(form)s address is used."),
        _("Where saves of counterparties are refused, set FLOWTLY_COUNTERPARTY_PATHS to the other one."),
    ),
    "write_set": Words(_WRITING, _("The setting FLOWTLY_COUNTERPARTY_PATHS says %(form)s.")),
    "write_set_against": Words(
        _WRITING,
        _("The setting FLOWTLY_COUNTERPARTY_PATHS says %(form)s, but Flowtly takes the %(found)s address."),
        _("Saves of counterparties will be refused. Set it to auto."),
    ),
    # The document
    "document_none": Words(
        _DOCUMENT,
        _("Flowtly does not show us its API document."),
        _("Changes of the API are noticed only when something fails. Choices are learned from values seen."),
    ),
    "document_read": Words(_DOCUMENT, _("The document was read: %(count)s addresses.")),
    "entity_undocumented": Words(
        _DOCUMENT,
        _("%(path)s is not in the document."),
        _("It may be hidden or gone; whether it can be read stands above."),
    ),
    "operation_missing": Words(_DOCUMENT, _("%(operation)s is not in the document.")),
    "operation_new": Words(
        _DOCUMENT, _("%(operation)s is new."), _("The back office makes no use of it. Nothing breaks.")
    ),
    "field_missing": Words(_DOCUMENT, _("%(entity)s: the field %(field)s is gone."), _("It is shown as empty.")),
    "field_new": Words(
        _DOCUMENT,
        _("%(entity)s: the field %(field)s is new."),
        _("It is shown under Other fields and cannot be edited here."),
    ),
    "field_type": Words(
        _DOCUMENT,
        _("%(entity)s: %(field)s is %(theirs)s in Flowtly and %(ours)s here."),
        _("Its value may look odd, and Flowtly may refuse a change of it."),
    ),
    "field_not_taken": Words(
        _DOCUMENT,
        _("%(entity)s: Flowtly no longer takes %(field)s."),
        _("The form offers it, but a change of it will not be saved."),
    ),
    "field_required": Words(
        _DOCUMENT,
        _("%(entity)s: %(field)s is required now."),
        _("The form lets it be empty; Flowtly will refuse such a new record, and its words are shown."),
    ),
    "field_optional": Words(
        _DOCUMENT,
        _("%(entity)s: %(field)s is no longer required."),
        _("The form still asks for it. Nothing breaks."),
    ),
    "field_demanded": Words(
        _DOCUMENT,
        _("%(entity)s: Flowtly requires %(field)s, which the form does not have."),
        _("New records will be refused until the back office is updated."),
    ),
    "field_not_emptied": Words(
        _DOCUMENT,
        _("%(entity)s: %(field)s can no longer be emptied."),
        _("The form lets it be emptied; Flowtly will refuse that, and its words are shown."),
    ),
    "field_shorter": Words(
        _DOCUMENT,
        _("%(entity)s: %(field)s may have %(theirs)s characters; the form takes %(ours)s."),
        _("Flowtly will refuse longer values, and its words are shown."),
    ),
    "enum_offered": Words(_DOCUMENT, _("%(entity)s: %(field)s takes %(values)s; the forms offer these first.")),
    "enum_added": Words(
        _DOCUMENT,
        _("%(entity)s: %(field)s takes new values: %(values)s."),
        _("The forms offer them. Nobody has to do anything."),
    ),
    "enum_gone": Words(
        _DOCUMENT,
        _("%(entity)s: records hold values of %(field)s that the document does not name: %(values)s."),
        _("Flowtly may refuse to save them again."),
    ),
    "enum_unused": Words(
        _DOCUMENT,
        _("%(entity)s: %(field)s takes only %(values)s now."),
        _("The form takes any text; Flowtly will refuse other values, and its words are shown."),
    ),
    "merge_agrees": Words(_DOCUMENT, _("The body of a merge is as we send it: %(sent)s.")),
    "merge_differs": Words(
        _DOCUMENT,
        _("The body of a merge has %(known)s; we send %(sent)s."),
        _("Do not merge before FLOWTLY_MERGE_BODY says what this Flowtly wants."),
    ),
    "merge_direction": Words(
        _DOCUMENT,
        _("The body of a merge names %(known)s, which FLOWTLY_MERGE_PATH_ID (%(path)s) puts into the path."),
        _("A merge might keep the wrong record. Do not merge before both agree."),
    ),
    "enrich_differs": Words(
        _DOCUMENT,
        _("The body of POST %(path)s has %(known)s; we send %(sent)s."),
        _("Looking up logos and websites may be refused."),
    ),
}
