"""Forms of a list's arrangement: which columns in which order, and the name of a saved view."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from backoffice.models.layouts import LONGEST_NAME


def arranged(columns: Sequence[str], asked: QueryDict, optional: Sequence[str]) -> list[str]:
    """The columns after a form was sent: those ticked, in the order they had, new ones behind; then one moved."""
    ticked = [name for name in asked.getlist("column") if name in optional]
    first, *held = columns
    names = [name for name in held if name in ticked]
    names += [name for name in dict.fromkeys(ticked) if name not in held]
    if (name := asked.get("up", "")) in names:
        _move(names, name, -1)
    elif (name := asked.get("down", "")) in names:
        _move(names, name, 1)
    return [first, *names]


def _move(names: list[str], name: str, by: int) -> None:
    at = names.index(name)
    names.insert(max(0, at + by), names.pop(at))


class ViewForm(forms.Form):
    """`shared` is there only for somebody who may share."""

    name = forms.CharField(
        label=_("Name"),
        max_length=LONGEST_NAME,
        error_messages={"required": _("Give the view a name.")},
    )
    shared = forms.BooleanField(label=_("Shared with the team"), required=False)

    def __init__(self, *args: Any, may_share: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_share:
            del self.fields["shared"]

    def clean_name(self) -> str:
        """One line of what can be seen."""
        text = "".join(" " if unicodedata.category(each) == "Cc" else each for each in self.cleaned_data["name"])
        if not (text := " ".join(text.split())):
            raise forms.ValidationError(_("Give the view a name."))
        return text

    def take(self) -> None:
        """Say that the name is in use."""
        self.add_error("name", _("You have a view of this name already. Choose another name."))
