"""What a second person says about a plan: yes, perhaps without some rows, no, or a word meanwhile."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext_lazy as _

_LONGEST = 2000


def _said(label: Any, help_text: Any = "", *, required: bool = True, empty: Any = "") -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=_LONGEST,
        validators=[ProhibitNullCharactersValidator()],
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": empty} if required else None,
    )


class Numbers(forms.Field):
    """The numbers of steps, each in an input of its own."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[int]:
        if any(not text.isdecimal() or len(text) > 9 for text in value or ()):
            raise ValidationError(_("These are no numbers of rows."))
        return sorted({int(text) for text in value or ()})


class _AboutOnePlan(forms.Form):
    """`fingerprint` is that of the plan which the page showed."""

    use_required_attribute = False

    fingerprint = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)


class Approve(_AboutOnePlan):
    """`out`: the rows that are ticked, and those that were put aside while other pages were looked at."""

    comment = _said(_("Comment"), _("The author reads it; it stays with the plan."), required=False)
    out = Numbers(required=False)


class Refuse(_AboutOnePlan):
    reason = _said(
        _("Reason"),
        _("The author reads it; it stays with the plan and in the history."),
        empty=_("Say why, so that the author knows what to change."),
    )


class Comment(forms.Form):
    use_required_attribute = False

    text = _said(_("Comment"), _("The plan goes on waiting."), empty=_("Write something first."))
