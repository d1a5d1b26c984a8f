"""Contacts: the people at a client, in the order in which they are to be asked."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.resources.schema import Field, Fieldset, Kind, Resource

CONTACTS = Resource(
    slug="contacts",
    path="/client-contacts",
    type="ClientContact",
    label=_("contact"),
    label_plural=_("contacts"),
    label_field="name",
    icon="person",
    shortcut="o",
    findable=True,
    told_apart_by=("client", "title", "email"),
    deletable=True,
    fields=(
        Field(name="client", label=_("Client"), kind=Kind.REFERENCE, references="clients"),
        Field(name="name", label=_("Name"), required=True, nullable=False, personal=True),
        Field(
            name="email",
            label=_("E-mail"),
            kind=Kind.EMAIL,
            required=True,
            nullable=False,
            personal=True,
        ),
        Field(
            name="type",
            label=_("Type"),
            kind=Kind.CHOICE,
            required=True,
            nullable=False,
            observed=True,
            choices_from="possibleTypes",
            bulk_editable=True,
        ),
        Field(name="title", label=_("Title"), personal=True, bulk_editable=True),
        Field(name="phone", label=_("Phone"), personal=True),
        Field(
            name="position",
            label=_("Position"),
            kind=Kind.INTEGER,
            nullable=False,
            help=_("The place among the client's contacts; the smallest comes first."),
        ),
        Field(name="createdAt", label=_("Created"), kind=Kind.TIMESTAMP, read_only=True),
        Field(name="updatedAt", label=_("Last changed"), kind=Kind.TIMESTAMP, read_only=True),
        Field(name="possibleTypes", label=_("Possible types"), kind=Kind.LIST, read_only=True),
    ),
    list_display=("name", "client", "type", "title", "email", "phone"),
    list_filter=("client", "type"),
    search_fields=("name", "email", "phone"),
    fieldsets=(
        Fieldset(name="person", label=_("Person"), fields=("name", "title", "email", "phone")),
        Fieldset(name="place", label=_("At the client"), fields=("client", "type", "position")),
        Fieldset(name="dates", label=_("Dates"), fields=("createdAt", "updatedAt")),
    ),
)
