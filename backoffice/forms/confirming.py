"""The last word on a plan: why, when, and what a second person should know."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.formats import words

NOW, AT = "now", "at"
EVENING = 22  # o'clock: nobody edits the same records any more
_LONGEST = 2_000  # characters


class ConfirmForm(forms.Form):
    """After `is_valid()`, `moment` is when to begin, None for at once."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("It stands in the history of each record."),
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        max_length=_LONGEST,
        required=False,
    )
    when = forms.CharField(label=gettext_lazy("When"), widget=forms.RadioSelect, required=False, initial=NOW)
    at = forms.DateTimeField(
        label=gettext_lazy("Time"),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M"],
        error_messages={"invalid": gettext_lazy("Choose a day and a time.")},
        required=False,
    )
    message = forms.CharField(
        label=gettext_lazy("Message to the approver"),
        widget=forms.Textarea({"rows": 2, "dir": "auto"}),
        max_length=_LONGEST,
        required=False,
    )

    use_required_attribute = False

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        initial: Mapping[str, Any] | None = None,
        *,
        reason_required: bool,
        asks: bool,
    ) -> None:
        super().__init__(data=data, initial=dict(initial or {}), auto_id="id_%s")
        self.fields["reason"].required = reason_required
        self.fields["reason"].error_messages["required"] = _("Write why: it is needed for so many records.")
        if not asks:
            del self.fields["message"]
        evening = next_evening()
        tonight = _("Tonight at %(time)s") if evening.date() == timezone.localdate() else _("Tomorrow at %(time)s")
        self.fields["when"].widget.choices = [
            (NOW, _("Now")),
            (evening.isoformat(), tonight % {"time": words.clock(evening)}),
            (AT, _("At another time")),
        ]

    def clean(self) -> dict[str, Any]:
        chosen = self.cleaned_data.get("when") or NOW
        if chosen != AT:
            self.errors.pop("at", None)
        if chosen != NOW and not self.errors.get("at"):
            where = "at" if chosen == AT else "when"
            moment = self.cleaned_data.get("at") if chosen == AT else _parsed(chosen)
            if moment is None:
                self.add_error(where, _("Choose a day and a time."))
            elif moment <= timezone.now():
                self.add_error(where, _("That time has passed. Choose a later one, or begin now."))
            self.cleaned_data["moment"] = moment
        return self.cleaned_data

    def clean_reason(self) -> str:
        return str(self.cleaned_data["reason"]).strip()

    @property
    def moment(self) -> datetime | None:
        return self.cleaned_data.get("moment")

    def at_once(self) -> bool:
        """Whether the page begins with "Now" chosen."""
        return (self["when"].value() or NOW) == NOW


def next_evening() -> datetime:
    """The next time that it is evening where the people are."""
    now = timezone.localtime()
    evening = now.replace(hour=EVENING, minute=0, second=0, microsecond=0)
    return evening if evening > now else evening + timedelta(days=1)


def _parsed(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    try:
        return found if timezone.is_aware(found) else timezone.make_aware(found)
    except (ValidationError, OverflowError):
        return None
