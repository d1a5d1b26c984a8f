"""What a file of a list is to hold, and how it is written."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from backoffice.models import ExportFormat

SHOWN, ALL = "shown", "all"


class ExportForm(forms.Form):
    """`columns`: those that the list shows, or all fields."""

    format = forms.ChoiceField(
        label=_("Format"),
        initial=ExportFormat.XLSX,
        error_messages={"required": _("Choose a format."), "invalid_choice": _("Choose from the list.")},
    )
    columns = forms.ChoiceField(
        label=_("Columns"),
        choices=((SHOWN, _("Those that the list shows")), (ALL, _("All fields"))),
        initial=SHOWN,
        error_messages={"required": _("Choose the columns."), "invalid_choice": _("Choose from the list.")},
    )

    def __init__(self, *args: Any, shown: tuple[str, ...], for_editing: bool, **kwargs: Any) -> None:
        """`for_editing`: a sheet that comes back is offered, too."""
        super().__init__(*args, **kwargs)
        self.shown = shown
        field = cast(forms.ChoiceField, self.fields["format"])
        field.choices = [(each.value, each.label) for each in ExportFormat if each.fits(for_editing)]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the chosen fields; none for all of them."""
        return () if self.cleaned_data["columns"] == ALL else self.shown

    @property
    def file_format(self) -> ExportFormat:
        return ExportFormat(self.cleaned_data["format"])
