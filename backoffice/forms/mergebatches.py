"""The last word on a batch of merges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

_LONGEST = 2_000  # characters


class BatchForm(forms.Form):
    """One reason for all merges of the batch."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It stands in the history of each record."),
        error_messages={"required": gettext_lazy("Write why these records are the same.")},
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        max_length=_LONGEST,
    )

    use_required_attribute = False

    def __init__(self, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data=data, auto_id="id_%s")
