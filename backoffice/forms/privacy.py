"""Finding a person, and saying why they are redacted."""

from __future__ import annotations

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _


class PersonSearch(forms.Form):
    """A text, or an entity with a key; `find` says which of the two was sent."""

    text = forms.CharField(
        label=_("Text"),
        required=False,
        max_length=200,
        help_text=_("A name, an e-mail address or a phone number, as it was written."),
    )
    entity = forms.ChoiceField(label=_("Kind of record"), required=False)
    key = forms.RegexField(
        r"^(?!\.{1,2}$)[^/?#\s\x00-\x1f\x7f]{1,200}$",
        label=_("Number"),
        required=False,
    )

    def __init__(self, *args: object, entities: list[tuple[str, str]], **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        entity = self.fields["entity"]
        assert isinstance(entity, forms.ChoiceField)
        entity.choices = entities


class Reason(forms.Form):
    """Why somebody is redacted, and that what goes was looked at."""

    use_required_attribute = False

    reason = forms.CharField(
        label=_("Reason"),
        max_length=300,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Stays in the audit trail. Name the request, not the person: “request 2026-14”."),
    )
    sure = forms.BooleanField(label=_("I have looked at what is redacted. It cannot be taken back."))
