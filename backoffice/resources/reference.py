"""Small lists that other records point at; their fields are not public, so only a name is looked for."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from backoffice.resources.schema import Field, Kind, Resource

COUNTRIES = Resource(
    slug="countries",
    path="/countries",
    type="Country",
    label=_("country"),
    label_plural=_("countries"),
    label_field="name",
    fields=(
        Field(name="name", label=_("Name"), read_only=True),
        Field(name="code", label=_("Code"), read_only=True),
    ),
    editable=False,
    short=True,
)

CURRENCIES = Resource(
    slug="currencies",
    path="/currencies",
    type="Currency",
    label=_("currency"),
    label_plural=_("currencies"),
    label_field="code",
    fields=(
        Field(name="code", label=_("Code"), read_only=True),
        Field(name="name", label=_("Name"), read_only=True),
    ),
    editable=False,
    short=True,
)

ATTRIBUTE_SETS = Resource(
    slug="attribute-sets",
    path="/attribute-sets",
    type="AttributeSet",
    label=_("attribute set"),
    label_plural=_("attribute sets"),
    label_field="name",
    fields=(Field(name="name", label=_("Name"), read_only=True),),
    editable=False,
    short=True,
)

EMPLOYEES = Resource(
    slug="employees",
    path="/employees",
    type="Employee",
    label=_("employee"),
    label_plural=_("employees"),
    label_field="name",
    other_label_fields=("firstName", "lastName"),
    fields=(
        Field(name="name", label=_("Name"), read_only=True, personal=True),
        Field(name="firstName", label=_("First name"), read_only=True, personal=True),
        Field(name="lastName", label=_("Last name"), read_only=True, personal=True),
        Field(name="email", label=_("E-mail"), kind=Kind.EMAIL, read_only=True, personal=True),
    ),
    editable=False,
    short=True,
)
