"""Forms with a file: a sheet that comes back, and numbers of records to select."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.forms.uploads import was_too_large


class SheetForm(forms.Form):
    """One XLSX that was made here."""

    file = forms.FileField(
        label=gettext_lazy("Sheet (XLSX)"),
        required=False,
        widget=forms.FileInput({"accept": ".xlsx"}),
        help_text=gettext_lazy("A sheet for editing that you had made here, with your changes."),
    )

    def __init__(self, request: HttpRequest) -> None:
        sent = request.method == "POST"
        super().__init__(request.POST if sent else None, request.FILES if sent else None)
        self.too_large = sent and was_too_large(request)

    def clean_file(self) -> Any:
        return _file(self, required=True)


class PasteForm(forms.Form):
    """Numbers of records, typed or in a file."""

    terms = forms.CharField(
        label=gettext_lazy("Numbers, tax numbers or addresses"),
        required=False,
        strip=False,
        widget=forms.Textarea({"rows": 10, "dir": "auto", "spellcheck": "false", "autocomplete": "off"}),
        help_text=gettext_lazy("One on each line, or with commas, semicolons or tabs between them."),
    )
    file = forms.FileField(
        label=gettext_lazy("Or a file (XLSX or CSV)"),
        required=False,
        widget=forms.FileInput({"accept": ".xlsx,.csv,.txt"}),
        help_text=gettext_lazy("Its first column is read, or the one whose header is id, tax number or address."),
    )

    def __init__(self, request: HttpRequest) -> None:
        sent = request.method == "POST"
        super().__init__(request.POST if sent else None, request.FILES if sent else None)
        self.too_large = sent and was_too_large(request)

    def clean_file(self) -> Any:
        return _file(self, required=False)


def _file(form: SheetForm | PasteForm, *, required: bool) -> Any:
    """The file that was chosen. ValidationError for none and for one that was dropped on its way in."""
    if form.too_large:
        most = filesizeformat(settings.MOST_UPLOAD_BYTES)
        raise ValidationError(_("The file is larger than %(most)s and was not read.") % {"most": most})
    file = form.cleaned_data["file"]
    if file is None and required:
        raise ValidationError(_("Choose a file."))
    return file
