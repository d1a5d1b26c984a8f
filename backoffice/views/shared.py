"""What the views share (no view stands here): names of related records, page or fragment, the history shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from backoffice.flowtly import errors
from backoffice.formats.words import integer
from backoffice.models import Outcome, User, VerdictKind
from backoffice.models.jobs import WRITTEN
from backoffice.resources import PAGES, REGISTRY, SHORT_LISTS, Field, Kind, Record, Resource
from backoffice.services import privacy, reading, selections
from backoffice.services.access import Permission, can
from backoffice.services.contract import Severity
from backoffice.services.history import HistoryEntry
from backoffice.templatetags.ui import detail_url
from backoffice.views.guard import SignedInRequest

Lists = Mapping[str, Sequence[tuple[str, str]]]
_VERDICTS = tuple(f"duplicates.{kind}" for kind in (*VerdictKind.values, "add", "withdraw"))
_LONGEST_QUERY = 3000  # characters; gunicorn refuses a request line of more than 4094


class SeeOther(HttpResponseRedirect):
    """Go there with GET; reloading the page that comes sends nothing again."""

    status_code = 303


def is_fragment(request: SignedInRequest) -> bool:
    """Whether htmx asks for a part of the page; going Back it asks for the whole."""
    htmx = request.htmx
    return bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def show(
    request: SignedInRequest, template: str, context: dict[str, Any], *, part: str = "", status: int = 200
) -> HttpResponse:
    """The page, or its partial `part` for htmx; caches keep the two apart."""
    fragment = bool(part) and is_fragment(request)
    context |= {
        "fragment": fragment,
        "can_edit": can(request.user, Permission.EDIT),
        "can_delete": can(request.user, Permission.DELETE),
        "can_redact": can(request.user, Permission.ADMIN),
    }
    response = render(request, f"{template}#{part}" if fragment else template, context, status=status)
    patch_vary_headers(response, ["HX-Request"])
    return response


def references(fields: Iterable[Field]) -> list[Field]:
    return [item for item in fields if item.kind is Kind.REFERENCE]


def short_list(slug: str) -> list[tuple[str, str]]:
    """A short list as (IRI, name); empty where Flowtly cannot be asked, since names only dress what is shown."""
    try:
        return [(choice.value, choice.label) for choice in reading.choices(slug)]
    except errors.FlowtlyError:
        return []


def short_lists(fields: Iterable[Field]) -> Lists:
    """The short lists that these fields point into, by slug."""
    return {slug: short_list(slug) for slug in {item.references for item in references(fields)} & SHORT_LISTS}


def names_for(
    fields: Iterable[Field],
    held: Iterable[Mapping[str, Any]],
    *,
    lists: Lists | None = None,
    short_codes: bool = False,
) -> dict[str, str]:
    """The names of what these fields of these values point at, by IRI; unknown ones of long lists are absent.

    `lists` are the short lists where they are at hand. `short_codes` names a currency by its code alone, as a
    dense list wants it.
    """
    wanted = references(fields)
    lists = short_lists(wanted) if lists is None else lists
    values = list(held)
    found: dict[str, str] = {}
    for slug in {item.references for item in wanted} & SHORT_LISTS:
        for value, label in lists.get(slug, ()):
            found[value] = label.split(" – ")[0] if short_codes and slug == "currencies" else label
    long = [item.name for item in wanted if item.references not in SHORT_LISTS]
    iris = {str(value[name]) for value in values for name in long if value.get(name)}
    return found | reading.names(iris)


def names_of_records(
    records: Iterable[Record], fields: Iterable[Field], *, lists: Lists | None = None, short_codes: bool = False
) -> dict[str, str]:
    """As names_for, with the names that came embedded in the records."""
    records = list(records)
    found: dict[str, str] = {}
    for record in records:
        found.update(record.labels)
    return found | names_for(fields, [record.values for record in records], lists=lists, short_codes=short_codes)


def unknown_names(
    fields: Iterable[Field], held: Iterable[Mapping[str, Any]], names: Mapping[str, str]
) -> list[str]:
    """Addresses of the fragments that fill in names which are not known yet: one for each entity, rarely more."""
    values, urls = list(held), []
    for slug in sorted({item.references for item in references(fields)}):
        members = [item.name for item in references(fields) if item.references == slug]
        iris = sorted({str(value[name]) for value in values for name in members if value.get(name)} - set(names))
        urls += [_labels_url(slug, part) for part in _portions(iris)]
    return urls


def _portions(iris: list[str]) -> Iterable[list[str]]:
    portion: list[str] = []
    for iri in iris:
        if portion and len(urlencode([("iri", each) for each in [*portion, iri]], safe="/")) > _LONGEST_QUERY:
            yield portion
            portion = []
        portion.append(iri)
    if portion:
        yield portion


def _labels_url(slug: str, iris: list[str]) -> str:
    query = urlencode([("entity", slug), *(("iri", iri) for iri in iris)], safe="/")
    return f"{reverse('labels')}?{query}"


@dataclass(frozen=True)
class Happening:
    """One entry of the history with what its line needs."""

    entry: HistoryEntry
    resource: Resource | None
    names: Mapping[str, str]
    words: str
    detail: str
    outcome: str
    written: bool
    record_url: str
    undo_url: str


def timeline(
    user: User, entries: Iterable[HistoryEntry], *, names: Mapping[str, str] | None = None, named: bool = True
) -> list[Happening]:
    """The entries in words; Undo only where there is something to undo and this person may.

    `names`: those of related records, where Flowtly is not to be asked. `named`: whether each line goes on with
    the record's name; on the record's own page it does not.
    """
    entries = list(entries)
    names = names_of_changes(entries) if names is None else names
    return [
        Happening(
            entry,
            REGISTRY.get(entry.entity),
            names,
            verb_in_words(entry.action, tried=bool(outcome_in_words(entry.outcome)), named=named),
            _detail(entry),
            outcome_in_words(entry.outcome),
            not outcome_in_words(entry.outcome),
            detail_url(PAGES[entry.entity], entry.key) if entry.entity in PAGES and entry.key else "",
            _undo_url(user, entry),
        )
        for entry in entries
    ]


def _detail(entry: HistoryEntry) -> str:
    if entry.action.startswith("privacy."):
        return privacy.counts_in_words(entry.detail)
    if entry.action.startswith(_VERDICTS):
        return _("with %(keys)s") % {"keys": entry.detail}
    if not entry.action.startswith("plan."):
        return entry.detail
    if entry.detail.isdecimal():
        words = ngettext("%(n)s record", "%(n)s records", int(entry.detail))
        return words % {"n": integer(int(entry.detail))}
    name, _equals, number = entry.detail.partition("=")
    if name == "out" and number.isdecimal():
        words = ngettext("%(n)s record was taken out.", "%(n)s records were taken out.", int(number))
        return words % {"n": integer(int(number))}
    if entry.detail.isdecimal():
        rows = int(entry.detail)
        return ngettext("%(n)s record was not written yet.", "%(n)s records were not written yet.", rows) % {
            "n": integer(rows)
        }
    return {
        "own": _("It was their own plan."),
        "role": _("They lack the role."),
        "changed": _("The plan was not what approval was asked for."),
    }.get(entry.detail, entry.detail)


def _undo_url(user: User, entry: HistoryEntry) -> str:
    own = entry.actor_name == user.get_username() and can(user, Permission.UNDO_OWN)
    if not entry.undoable or not entry.job_id or not (own or can(user, Permission.UNDO_ANY)):
        return ""
    if entry.created:
        return f"{detail_url(PAGES[entry.entity], entry.key)}delete/" if can(user, Permission.DELETE) else ""
    return reverse("job_undo", args=[entry.job_id])


def names_of_changes(entries: list[HistoryEntry]) -> dict[str, str]:
    found: dict[str, str] = {}
    for slug in {entry.entity for entry in entries} & set(REGISTRY):
        changes = [change for entry in entries if entry.entity == slug for change in entry.changes]
        fields = [item for item in REGISTRY[slug].fields if item.name in {name for name, _old, _new in changes}]
        held = [{name: old} for name, old, _new in changes] + [{name: new} for name, _old, new in changes]
        found |= names_for(fields, held)
    return found


def verb_in_words(action: str, *, tried: bool = False, named: bool = True) -> str:
    """What somebody did, or only `tried` to do, to stand after their name; not `named`: and before no record's."""
    unnamed = {
        "call": (_("looked up logo and website"), _("tried to look up logo and website")),
        "undo": (_("took back a change"), _("tried to take back a change")),
        "settle": (_("said what became of a change"), _("said what became of a change")),
        "keep_theirs": (_("kept what others wrote"), _("kept what others wrote")),
    }
    verbs = _verbs_of_verdicts(named) | {
        "update": (_("changed"), _("tried to change")),
        "create": (_("created"), _("tried to create")),
        "delete": (_("deleted"), _("tried to delete")),
        "recreate": (_("created again from the copy"), _("tried to create again from the copy")),
        "merge": (_("merged away"), _("tried to merge away")),
        "call": (_("looked up logo and website of"), _("tried to look up logo and website of")),
        "export": (_("exported"), _("tried to export")),
        "download": (_("downloaded"), _("tried to download")),
        "scan": (_("had duplicates looked for among"), _("tried to have duplicates looked for among")),
        "undo": (_("took back a change of"), _("tried to take back a change of")),
        "share_view": (_("shared the view"), _("tried to share the view")),
        "unshare_view": (_("no longer shares the view"), _("tried to stop sharing the view")),
        "change_view": (_("changed the shared view"), _("tried to change the shared view")),
        "delete_view": (_("deleted the shared view"), _("tried to delete the shared view")),
        "login": (_("signed in"), _("tried to sign in")),
        "logout": (_("signed out"), _("signed out")),
        "refused": (_("was refused access"), _("was refused access")),
        "history.export": (_("exported the history"), _("tried to export the history")),
        "settle": (_("said what became of"), _("said what became of")),
        "keep_theirs": (_("kept what others wrote in"), _("kept what others wrote in")),
        "plan.confirm": (_("confirmed"), _("tried to confirm")),
        "plan.discard": (_("gave up"), _("tried to give up")),
        "plan.begin": (_("began at once"), _("tried to begin")),
        "plan.call_off": (_("called off"), _("tried to call off")),
        "plan.pause": (_("paused"), _("tried to pause")),
        "plan.go_on": (_("let go on"), _("tried to let go on")),
        "plan.stop": (_("stopped"), _("tried to stop")),
        "plan.close": (_("ended for good"), _("tried to end")),
        "plan.request": (_("asked for approval of"), _("tried to ask for approval of")),
        "plan.approve": (_("approved"), _("tried to approve")),
        "plan.refuse": (_("refused"), _("tried to refuse")),
        "plan.comment": (_("commented on"), _("tried to comment on")),
        "plan.withdraw": (_("withdrew"), _("tried to withdraw")),
        "plan.expire": (_("closed, as nobody decided in time,"), _("tried to close")),
        "redact": (_("redacted"), _("tried to redact")),
        "retention": (_("cleared old personal data"), _("tried to clear old personal data")),
    }
    if not named:
        verbs |= unnamed
    done, attempted = verbs.get(action) or verbs.get(action.rpartition(".")[2], (action, action))
    return attempted if tried else done


def _verbs_of_verdicts(named: bool) -> dict[str, tuple[str, str]]:
    """Only what was said is kept, and no attempt."""
    verbs = {
        "duplicates.same": _("marked as a duplicate"),
        "duplicates.separate": _("marked as no duplicate"),
        "duplicates.related": _("marked as related but separate"),
        "duplicates.later": _("put off the verdict on"),
        "duplicates.apart": _("took out of a group of duplicates"),
        "duplicates.add": _("added to a group of duplicates"),
        "duplicates.withdraw": _("took back a verdict on") if named else _("took back a verdict"),
    }
    return {action: (words, words) for action, words in verbs.items()}


def action_in_words(action: str) -> str:
    """An action for the filter: `clients.update` as "Clients: changed"."""
    slug, _dot, _verb = action.rpartition(".")
    others = {
        "history": _("History"),
        "privacy": _("Personal data"),
        "plan": _("Plans"),
        "duplicates": _("Duplicates"),
    }
    entity = capfirst(str(REGISTRY[slug].label_plural)) if slug in REGISTRY else others.get(slug, _("People"))
    return f"{entity}: {deed_in_words(action)}"


def deed_in_words(action: str) -> str:
    """What was done, to stand alone; other languages inflect it otherwise than after a name."""
    deeds = {
        "update": pgettext("deed", "changed"),
        "create": pgettext("deed", "created"),
        "delete": pgettext("deed", "deleted"),
        "recreate": pgettext("deed", "created again"),
        "merge": pgettext("deed", "merged away"),
        "call": pgettext("deed", "logo and website looked up"),
        "download": pgettext("deed", "downloaded"),
        "scan": pgettext("deed", "duplicates looked for"),
        "undo": pgettext("deed", "taken back"),
        "share_view": pgettext("deed", "view shared"),
        "unshare_view": pgettext("deed", "view no longer shared"),
        "change_view": pgettext("deed", "shared view changed"),
        "delete_view": pgettext("deed", "shared view deleted"),
        "login": pgettext("deed", "signed in"),
        "logout": pgettext("deed", "signed out"),
        "refused": pgettext("deed", "refused access"),
        "redact": pgettext("deed", "redacted"),
        "retention": pgettext("deed", "old personal data cleared"),
        "export": pgettext("deed", "exported"),
        "settle": pgettext("deed", "outcome settled by a person"),
        "keep_theirs": pgettext("deed", "others' values kept"),
        "confirm": pgettext("deed", "confirmed"),
        "discard": pgettext("deed", "given up"),
        "begin": pgettext("deed", "begun at once"),
        "call_off": pgettext("deed", "called off"),
        "pause": pgettext("deed", "paused"),
        "go_on": pgettext("deed", "gone on"),
        "stop": pgettext("deed", "stopped"),
        "close": pgettext("deed", "ended for good"),
        "request": pgettext("deed", "approval asked for"),
        "duplicates.same": pgettext("deed", "duplicates"),
        "duplicates.separate": pgettext("deed", "not duplicates"),
        "duplicates.related": pgettext("deed", "related but separate"),
        "duplicates.later": pgettext("deed", "put off"),
        "duplicates.apart": pgettext("deed", "taken out of a group"),
        "duplicates.add": pgettext("deed", "added to a group"),
        "duplicates.withdraw": pgettext("deed", "verdict taken back"),
        "approve": pgettext("deed", "approved"),
        "refuse": pgettext("deed", "refused"),
        "comment": pgettext("deed", "commented on"),
        "withdraw": pgettext("deed", "withdrawn"),
        "expire": pgettext("deed", "expired"),
    }
    return deeds.get(action) or deeds.get(action.rpartition(".")[2], action)


def outcome_in_words(outcome: str) -> str:
    """The outcome of an entry where it is not simply that it worked."""
    if outcome in ("", "ok", *WRITTEN):
        return ""
    if outcome == "refused":
        return _("Refused")
    return str(Outcome(outcome).label) if outcome in Outcome.values else outcome


def check_class(severity: Severity) -> str:
    """How the gravity of a finding of the connection check is shown."""
    tones = {Severity.OK: "good", Severity.NOTE: "off", Severity.WARNING: "warn", Severity.PROBLEM: "bad"}
    return f"status status-{tones[severity]}"


def recorded_outcome(outcome: str) -> str:
    """The outcome of any entry in words."""
    return outcome_in_words(outcome) or (str(Outcome(outcome).label) if outcome in Outcome.values else _("Done"))


def page_number(request: HttpRequest) -> int:
    text = request.GET.get("page", "")
    return int(text) if text.isdecimal() and len(text) < 8 else 1


def freeze_for(
    request: SignedInRequest, resource: Resource, leads_to: str, *, name: str = "", query: str = ""
) -> HttpResponse:
    """Freezes what is selected, under a name, and leads to the page `leads_to` of that; or back to the list."""
    held = selections.freeze(owner=request.user, resource=resource, name=name)
    if held is None:
        messages.warning(request, _("Nothing is selected any more."))
        return SeeOther(reverse("list", args=[resource]))
    return SeeOther(reverse(leads_to, args=[held.pk]) + query)
