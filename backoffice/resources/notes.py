"""Notes: what employees wrote down about a client."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.resources.schema import Field, Fieldset, Kind, Resource

NOTES = Resource(
    slug="notes",
    path="/client-notes",
    type="ClientNote",
    label=_("note"),
    label_plural=_("notes"),
    label_field="note",
    icon="journal-text",
    shortcut="n",
    findable=True,
    told_apart_by=("client", "createdAt"),
    numbered=False,
    deletable=True,
    fields=(
        Field(name="note", label=_("Text"), kind=Kind.LONG_TEXT, required=True, nullable=False, personal=True),
        Field(
            name="client",
            label=_("Client"),
            kind=Kind.REFERENCE,
            references="clients",
            required=True,
            nullable=False,
        ),
        Field(
            name="employee",
            label=_("Author"),
            kind=Kind.REFERENCE,
            references="employees",
            required=True,
            nullable=False,
            author=True,
        ),
        Field(name="createdAt", label=_("Written"), kind=Kind.TIMESTAMP, read_only=True),
        Field(name="updatedAt", label=_("Last changed"), kind=Kind.TIMESTAMP, read_only=True),
    ),
    list_display=("note", "client", "employee", "createdAt"),
    list_filter=("client", "employee"),
    search_fields=("note",),
    fieldsets=(
        Fieldset(name="note", label=_("Note"), fields=("note", "client", "employee")),
        Fieldset(name="dates", label=_("Dates"), fields=("createdAt", "updatedAt")),
    ),
)
