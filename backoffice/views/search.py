"""The search for everything: a page of its own, and a part of it for the dialog that Ctrl-K opens."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpResponse
from django.urls import reverse
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from backoffice.context import actions
from backoffice.middleware import in_short
from backoffice.resources import Record, Resource
from backoffice.services import finding, merges
from backoffice.services.access import Permission
from backoffice.services.finding import Action, Found, Group, Hit
from backoffice.services.merges import Moved
from backoffice.templatetags.marking import marked
from backoffice.templatetags.ui import ago, detail_url, plain
from backoffice.views.guard import SignedInRequest, requires
from backoffice.views.shared import is_fragment, names_of_records, show

_LONGEST = 200  # characters of a question
_HERE = "here"  # a stage: what is known without asking Flowtly


@dataclass(frozen=True)
class Line:
    """One thing to open, or with `sets` a preference to change.

    `what` says what it is, `beside` tells it apart from its like. `record` names a record the same in each answer.
    """

    url: str
    icon: str
    name: SafeString
    what: SafeString | str = ""
    beside: SafeString | str = ""
    record: str = ""
    keys: str = ""
    sets: tuple[str, str] | None = None


@dataclass(frozen=True)
class Section:
    title: str
    lines: Sequence[Line]
    note: str = ""


@requires(Permission.READ)
@require_safe
def search(request: SignedInRequest) -> HttpResponse:
    """`?q=` shows all that is found; a part with `stage=here` what can be told at once, without Flowtly."""
    text = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:_LONGEST]
    ask = not (is_fragment(request) and request.GET.get("stage") == _HERE)
    found = finding.find(user=request.user, text=text, actions=actions(request, request.user), ask=ask)
    context = {
        "text": text,
        "sections": [section for section in _sections(found, text) if section.lines or section.note],
        "more": found.more,
        "too_short": 0 < len(text) < finding.MINIMUM,
    }
    return show(request, "search.html", context, part="found")


def _sections(found: Found, text: str) -> Iterator[Section]:
    moved = merges.moved(text) if text else None
    yield Section(_("Recently opened"), _records(found.opened, text))
    for group in found.known:
        yield Section(_title(group.resource), _records(_still_there(group.hits, moved), text))
    yield Section(_("Actions"), [_action(each, text) for each in found.actions])
    yield Section(_("By number"), [*_moved(moved), *map(_numbered, _still_there(found.numbered, moved))])
    known = {group.resource.slug for group in found.known if group.hits}
    for group in found.asked:
        yield _added(group, text, more=group.resource.slug in known)


def _added(group: Group, text: str, *, more: bool) -> Section:
    entities = {"entities": group.resource.label_plural}
    lines = _records(group.hits, text)
    if group.left_out and not group.partly:
        url = f"{reverse('list', args=[group.resource])}?{urlencode({'q': text})}"
        lines.append(Line(url, "search", escape(_("All %(entities)s that match") % entities)))
    title = _("More %(entities)s") % entities if more else _title(group.resource)
    return Section(title, lines, _note(group))


def _note(group: Group) -> str:
    if group.problem is not None:
        return _("%(problem)s: these were not searched.") % {"problem": in_short(group.problem)}
    if group.partly:
        return _("Flowtly offers no search here: only the first of its list were looked through.")
    if group.age is not None and group.hits:
        return _("From our copy, %(ago)s old") % {"ago": ago(group.age.refreshed_at)}
    return ""


def _title(resource: Resource) -> str:
    return str(capfirst(str(resource.label_plural)))


def _records(hits: Iterable[Hit], text: str) -> list[Line]:
    hits = list(hits)
    beside = _told_apart([hit.record for hit in hits if hit.record])
    return [
        Line(
            url=detail_url(hit.resource, hit.key),
            icon=hit.resource.icon,
            name=marked(hit.label, text),
            what=_named(hit, text),
            beside=marked(beside.get(hit.key, ""), text),
            record=f"{hit.resource.slug}/{hit.key}",
        )
        for hit in hits
    ]


def _named(hit: Hit, text: str) -> SafeString:
    """As "Client 1042"; a key that nobody quotes is left out."""
    label = capfirst(str(hit.resource.label))
    number = marked(hit.key, text if text == hit.key else "") if hit.resource.numbered else ""
    return format_html("{} {}", label, number)


def _told_apart(records: Sequence[Record]) -> dict[str, str]:
    """What tells these records of one entity apart, in one line each, by key."""
    if not records:
        return {}
    resource = records[0].resource
    fields = [resource.by_name[name] for name in resource.told_apart_by]
    names = names_of_records(records, fields)
    return {
        record.key: _in_one_line([plain(item, record.values[item.name], names) for item in fields])
        for record in records
    }


def _in_one_line(texts: Sequence[str]) -> str:
    """Without what another one says, too: a tax number within the VAT number."""
    said = list(dict.fromkeys(filter(None, texts)))
    return " · ".join(text for text in said if not any(text != other and text in other for other in said))


def _numbered(hit: Hit) -> Line:
    label = _("Open %(entity)s %(number)s") % {"entity": hit.resource.label, "number": hit.key}
    return Line(detail_url(hit.resource, hit.key), hit.resource.icon, marked(label, hit.key))


def _still_there(hits: Iterable[Hit], moved: Moved | None) -> list[Hit]:
    """Without the record whose number leads elsewhere now."""
    gone = (merges.COUNTERPARTIES.slug, moved.old) if moved else None
    return [hit for hit in hits if (hit.resource.slug, hit.key) != gone]


def _moved(moved: Moved | None) -> list[Line]:
    """The record that an old number leads to."""
    if moved is None:
        return []
    url = f"{detail_url(merges.COUNTERPARTIES, moved.new)}?{urlencode({'was': moved.old})}"
    label = _("Open %(new)s: %(old)s was merged") % {"new": moved.new, "old": moved.old}
    return [Line(url, merges.COUNTERPARTIES.icon, marked(label, moved.old), beside=escape(moved.label))]


def _action(action: Action, text: str) -> Line:
    return Line(action.url, action.icon, marked(action.label, text), keys=action.keys, sets=action.sets)
