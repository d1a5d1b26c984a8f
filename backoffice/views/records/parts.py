"""What the pages of one record share: the tabs, and where a person came from. No view stands here."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from backoffice.forms.fields import IRI
from backoffice.resources import Kind, Resource, parents
from backoffice.resources.schema import Text, key_of_iri


@dataclass(frozen=True)
class TabLink:
    name: str
    label: Text
    url: str


def tab_links(resource: Resource, key: str) -> list[TabLink]:
    declared = [
        TabLink(tab.name, tab.label, reverse("tab", args=[resource, key, tab.name])) for tab in resource.tabs
    ]
    return [
        TabLink("overview", _("Overview"), reverse("detail", args=[resource, key])),
        *declared,
        TabLink("history", _("History"), reverse("record_history", args=[resource, key])),
    ]


def origin(request: HttpRequest, resource: Resource) -> str:
    """The tab that a person came from and goes back to; "" for none.

    It is named in the address by the field that it stands for: `?client=/clients/7` on a contact's form.
    """
    for parent, tab in parents(resource):
        iri = request.GET.get(tab.parent, "")
        try:
            return reverse("tab", args=[parent, key_of_iri(iri), tab.name]) if IRI.fullmatch(iri) else ""
        except NoReverseMatch:
            continue
    return ""


def begun_with(request: HttpRequest, resource: Resource) -> dict[str, str]:
    """What a new record's form begins with, from its address: related records and numbers."""
    found = {}
    for item in resource.editable_fields:
        text = request.GET.get(item.name, "")
        if (item.kind is Kind.REFERENCE and not item.author and IRI.fullmatch(text)) or (
            item.kind is Kind.INTEGER and text.isdecimal() and len(text) < 10
        ):
            found[item.name] = text
    return found
