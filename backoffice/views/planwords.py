"""A plan in words: what is done to each field, what a run would do, what the button says (no view stands here)."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from backoffice.formats import words
from backoffice.forms.changing import SUBTRACT, WAYS
from backoffice.models import Job
from backoffice.resources import REGISTRY, Field, Resource
from backoffice.services import bulk
from backoffice.services.bulk import FieldChange, How, Writes
from backoffice.templatetags.ui import plain
from backoffice.views.shared import names_for


def changes_in_words(job: Job, resource: Resource) -> list[tuple[Field, str]]:
    """What is done to each field: "Due days", "Add 7"."""
    changes = [FieldChange.read(kept) for kept in job.spec.get("changes", ())]
    named = [resource.by_name[change.field] for change in changes if change.how is How.SET]
    names = names_for(named, [{change.field: change.value} for change in changes if change.how is How.SET])
    return [
        (resource.by_name[change.field], _said(change, resource, names))
        for change in changes
        if change.field in resource.by_name
    ]


def _said(change: FieldChange, resource: Resource, names: Mapping[str, str]) -> str:
    way = str(WAYS[SUBTRACT if change.how is How.ADD and change.value < 0 else change.how])
    match change.how:
        case How.SET:
            return f"{way} {plain(resource.by_name[change.field], change.value, names)}"
        case How.ADD:
            return f"{way} {words.integer(abs(change.value))}"
        case How.COPY:
            return _("Copy from %(field)s") % {"field": resource.by_name[str(change.value)].label}
        case How.REPLACE if change.value:
            return _("Replace “%(old)s” with “%(new)s”") % {"old": change.find, "new": change.value}
        case How.REPLACE:
            return _("Take out “%(old)s”") % {"old": change.find}
    return way


def sentence(job: Job, effort: bulk.Effort, writes: Writes) -> str:
    """What a run would do: "Change Due days of 1,102 clients. About 2,204 calls to Flowtly, about 4 minutes." """
    resource = REGISTRY[job.entity]
    parts = []
    if writes.changed:
        fields = words.listed(str(item.label) for item in writes.fields)
        said = {"fields": fields, **_size(resource, writes.changed)}
        parts.append(_("Change %(fields)s of %(counted)s.") % said)
    if writes.created:
        parts.append(_("Create %(counted)s.") % _size(resource, writes.created))
    if writes.deleted:
        parts.append(_("Delete %(counted)s.") % _size(resource, writes.deleted))
    calls = ngettext(
        "About %(calls)s call to Flowtly, %(time)s.", "About %(calls)s calls to Flowtly, %(time)s.", effort.calls
    )
    parts.append(calls % {"calls": words.integer(effort.calls), "time": _about_time(effort.seconds)})
    return " ".join(parts)


def _about_time(seconds: float) -> str:
    time = words.duration(seconds)
    return _("about %(time)s") % {"time": time} if seconds >= 30 else time


def _size(resource: Resource, number: int) -> dict[str, str]:
    return {"counted": bulk.counted(resource, number)}


def go(resource: Resource, writes: Writes) -> str:
    """What the button says that it does."""
    said = _size(resource, writes.total)
    if writes.total == writes.created:
        return _("Create %(counted)s") % said
    if writes.total == writes.deleted:
        return _("Delete %(counted)s") % said
    return _("Change %(counted)s") % said if writes.total == writes.changed else _("Write %(counted)s") % said


def asking(writes: Writes) -> str:
    """The same where somebody else has to agree first."""
    one, many = "Request approval of %(number)s change", "Request approval of %(number)s changes"
    return ngettext(one, many, writes.total) % {"number": words.integer(writes.total)}
