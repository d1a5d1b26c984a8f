"""A submitted record form: what was posted, on what basis, what the buttons ask for. No views here."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.http import QueryDict
from django.utils.translation import gettext as _

from backoffice.flowtly import errors
from backoffice.formats.taxnumbers import Offer, split
from backoffice.forms.basis import Basis, UnusableBasis
from backoffice.forms.fields import IRI, Choices, shown_text
from backoffice.forms.records import Offered, RecordForm, build_form
from backoffice.resources import REGISTRY, SHORT_LISTS, Field, Kind, Resource
from backoffice.services import duplicates, reading
from backoffice.views.guard import SignedInRequest
from backoffice.views.shared import names_for, references, short_lists


@dataclass
class Submission:
    """One POST of a record's form.

    `splitting`: the operator only asked to split a tax number. `keep`: tax numbers to be sent as typed.
    `confirmed`: offers and doubts were seen, everything is sent as typed. `altered`: the form's own data could
    not be used, so nothing may be saved. `alike`: existing records that a new one looks like, `seen` the keys of
    those that the operator was told of.
    """

    form: RecordForm
    posted: QueryDict
    keep: list[str] = field(default_factory=list)
    splitting: bool = False
    confirmed: bool = False
    altered: bool = False
    seen: frozenset[str] = frozenset()
    alike: list[duplicates.Like] = field(default_factory=list)

    @classmethod
    def read(cls, request: SignedInRequest, resource: Resource, key: str) -> Submission:
        """Raises NotFound and the like only where the form's own data is unusable and the record must be read."""
        data, basis, altered = request.POST.copy(), None, False
        try:
            basis = Basis.read(data.get("base", ""), resource=resource, key=key)
        except UnusableBasis:
            altered = True
            basis = _fresh(resource, key)
        _settle_conflict(data, basis)
        splitting = _split_number(data, resource)
        form = form_on(resource, basis, data)
        if altered:
            form.add_error(
                None,
                _("This form has lost its own data. Check what you typed against the record, then save again."),
            )
        seen = frozenset(data.getlist("alike"))
        return cls(form, data, data.getlist("keep"), splitting, bool(data.get("confirm")), altered, seen)

    @property
    def open_offers(self) -> dict[str, Offer]:
        kept = set(self.form.offers) if self.confirmed else set(self.keep)
        return {name: offer for name, offer in self.form.offers.items() if name not in kept}

    @property
    def open_doubts(self) -> dict[str, str]:
        return {} if self.confirmed else self.form.doubts

    @property
    def untold(self) -> bool:
        """Whether a new record looks like one that the operator has not been told of."""
        return not self.confirmed and not {each.key for each in self.alike} <= self.seen

    @property
    def waits(self) -> bool:
        """Whether the operator has to say something before anything is saved."""
        return self.altered or self.splitting or self.untold or bool(self.open_offers or self.open_doubts)

    def is_ready(self) -> bool:
        """Whether it can be saved as it is; of a new record, those that look like it are looked for."""
        if self.form.is_valid() and self.form.basis.creating:
            self.alike = duplicates.like(self.form.resource, self.form.changes)
        return self.form.is_valid() and not self.waits

    def nonce(self) -> str:
        """One for the form and what it changes: the same submit twice is one, another one after Back is new."""
        changes = json.dumps(self.form.changes, sort_keys=True, default=str)
        return hashlib.sha256(f"{self.form.basis.nonce} {changes}".encode()).hexdigest()

    def on(self, basis: Basis) -> RecordForm:
        """What was typed, on another basis, checked."""
        form = form_on(self.form.resource, basis, self.posted)
        form.is_valid()
        return form


def _fresh(resource: Resource, key: str) -> Basis:
    if not key:
        return Basis.of_nothing(resource)
    return Basis.of_record(reading.get_record(resource=resource, key=key))


def form_on(
    resource: Resource,
    basis: Basis,
    data: QueryDict | None = None,
    initial: Mapping[str, str] | None = None,
) -> RecordForm:
    """The form: with a POST's data (which a typed name of a related record is looked up in), or with `initial`."""
    found = _look_up_names(resource, basis, data) if data is not None else {}
    fields = references(resource.editable_fields)
    held = initial or {} if data is None else data
    chosen = {item.name: str(held[item.name]) for item in fields if held.get(item.name)}
    lists = short_lists(fields)
    offered = Offered(
        # A list that cannot be read now is left to Flowtly's judgement instead of losing what was typed.
        lists={slug: items for slug, items in lists.items() if items},
        seen={item.name: reading.observed(resource, item.name) for item in resource.fields if item.observed},
        names=names_for(fields, [basis.values, chosen], lists=lists),
        found=found,
        chosen=chosen,
        country_codes=reading.codes("countries"),
    )
    return build_form(resource, basis=basis, offered=offered)(data, initial)


def _look_up_names(resource: Resource, basis: Basis, data: QueryDict) -> dict[str, Choices]:
    """A name typed where an IRI is sent (no script): one match is taken, more are offered."""
    found: dict[str, Choices] = {}
    for item in references(resource.editable_fields):
        text = data.get(item.name, "").strip()
        known = not text or IRI.fullmatch(text) or text == shown_text(basis.values.get(item.name))
        if item.references in SHORT_LISTS or known:
            continue
        matches = matches_of(item, text)
        if len(matches) == 1:
            data[item.name] = matches[0][0]
        elif matches:
            found[item.name] = matches
    return found


def matches_of(item: Field, text: str) -> list[tuple[str, str]]:
    """The records that a typed name may mean; just one where it is exactly that one's."""
    try:
        choices = reading.suggest(resource=REGISTRY[item.references], text=text[:100])
    except errors.FlowtlyError:  # then the form says that nothing is found, and keeps what was typed
        return []
    exact = [choice for choice in choices if choice.label.casefold() == text.casefold()]
    return [(choice.value, choice.label) for choice in (exact if len(exact) == 1 else choices)]


def _settle_conflict(data: QueryDict, basis: Basis) -> None:
    """For each field in conflict: keep what is there now, unless the operator chose their own value."""
    for name in data.getlist("conflict"):
        if data.get(f"choose-{name}") != "mine" and name in basis.values:
            data[name] = shown_text(basis.values[name])


def _split_number(data: QueryDict, resource: Resource) -> bool:
    """Apply "PL46584837 is country PL and number 46584837" to what was posted."""
    name = data.get("split", "")
    offer = split(data.get(name, "")) if name in resource.by_name else None
    country = next((item.name for item in resource.fields if item.kind is Kind.COUNTRY_CODE), "")
    if offer is None or not country:
        return False
    data[name], data[country] = offer.number, offer.country
    return True
