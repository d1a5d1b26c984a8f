"""Counterparties: whom money goes to or comes from. The published fields are those of a (short) read."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.resources.criteria import lacking
from backoffice.resources.schema import Children, Field, Fieldset, Kind, Resource

COUNTERPARTIES = Resource(
    slug="counterparties",
    path="/counterparties",
    type="Counterparty",
    label=_("counterparty"),
    label_plural=_("counterparties"),
    label_field="displayName",
    icon="building",
    shortcut="p",
    findable=True,
    told_apart_by=("type", "corporateWebsiteUrl"),
    deletable=True,
    enrichable=True,
    mergeable=True,
    image_field="logoUrl",
    tabs=(
        Children(
            name="clients",
            label=_("Clients with this default cost"),
            entity="clients",
            parent="defaultCost",
            owned=False,
        ),
    ),
    watched=(
        lacking("logoUrl", _("Counterparties without logo")),
        lacking("corporateWebsiteUrl", _("Counterparties without website")),
    ),
    fields=(
        Field(
            name="displayName", label=_("Name"), nullable=False, max_length=255, personal=True, matchable="name"
        ),
        Field(
            name="type",
            label=_("Type"),
            kind=Kind.CHOICE,
            nullable=False,
            observed=True,
            bulk_editable=True,
        ),
        Field(
            name="requireAttachment",
            label=_("Attachment required"),
            kind=Kind.BOOLEAN,
            nullable=False,
            bulk_editable=True,
        ),
        Field(name="cyclic", label=_("Recurring"), kind=Kind.BOOLEAN, nullable=False, bulk_editable=True),
        Field(
            name="budgetNeutral",
            label=_("Outside the budget"),
            kind=Kind.BOOLEAN,
            nullable=False,
            bulk_editable=True,
        ),
        Field(
            name="logoUrl",
            label=_("Logo"),
            kind=Kind.IMAGE,
            help=_("The address of the picture."),
            personal=True,
            bulk_editable=True,
        ),
        Field(
            name="corporateWebsiteUrl",
            label=_("Website"),
            kind=Kind.URL,
            personal=True,
            matchable="url",
            bulk_editable=True,
        ),
        Field(name="costGroupIcon", label=_("Icon of the cost group"), read_only=True),
    ),
    list_display=(
        "displayName",
        "type",
        "corporateWebsiteUrl",
        "requireAttachment",
        "cyclic",
        "budgetNeutral",
    ),
    list_filter=("type", "requireAttachment", "cyclic", "budgetNeutral"),
    search_fields=("displayName", "corporateWebsiteUrl"),
    fieldsets=(
        Fieldset(name="identity", label=_("Counterparty"), fields=("displayName", "type")),
        Fieldset(name="brand", label=_("Brand"), fields=("logoUrl", "corporateWebsiteUrl", "costGroupIcon")),
        Fieldset(name="flags", label=_("Booking rules"), fields=("requireAttachment", "cyclic", "budgetNeutral")),
    ),
)
