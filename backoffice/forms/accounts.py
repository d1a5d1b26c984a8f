"""Signing in, and what a person may choose for themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib.auth.forms import AuthenticationForm
from django.utils.functional import Promise
from django.utils.translation import get_language_info
from django.utils.translation import gettext_lazy as _

from backoffice.models import User
from backoffice.models.users import Density, Theme

if TYPE_CHECKING:
    UserForm = forms.ModelForm[User]
else:  # at run time Django's class takes no parameter
    UserForm = forms.ModelForm

DEMO_PASSWORD = "demo"  # noqa: S105 - printed on the login page, in demo mode only
DEMO_ACCOUNTS: tuple[tuple[str, str | Promise], ...] = (
    ("viewer", _("reads and exports")),
    ("editor", _("creates and edits single records")),
    ("steward", _("bulk changes, imports and merges")),
    ("approver", _("approves the plans of others")),
    ("admin", _("users, roles and settings")),
)


def languages() -> list[tuple[str, str]]:
    """Each language by its own name, for people who cannot read the current one."""
    return [(code, str(get_language_info(code)["name_local"]).capitalize()) for code, _name in settings.LANGUAGES]


class SignInForm(AuthenticationForm):
    """Django's, with a sentence that says what to look at."""

    error_messages = {
        "invalid_login": _(
            "That username and password do not belong together. Check both; capital letters count."
        ),
        "inactive": _("This account is switched off. Ask an administrator."),
    }


class PreferencesForm(UserForm):
    """The person's own language, theme, row height and keys."""

    language = forms.ChoiceField(label=_("Language"), required=False)
    theme = forms.ChoiceField(label=_("Theme"), choices=Theme.choices, widget=forms.RadioSelect)
    density = forms.ChoiceField(label=_("Row height in lists"), choices=Density.choices, widget=forms.RadioSelect)
    shortcuts = forms.BooleanField(
        label=_("Keyboard shortcuts"),
        required=False,
        help_text=_("Single keys such as / and j. They rest while you type."),
    )

    class Meta:
        model = User
        fields = ("language", "theme", "density", "shortcuts")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language = self.fields["language"]
        assert isinstance(language, forms.ChoiceField)
        language.choices = [("", _("As the browser")), *languages()]


class OnePreferenceForm(forms.Form):
    """One setting from the top bar or the login page; the others are absent."""

    theme = forms.ChoiceField(choices=Theme.choices, required=False)
    density = forms.ChoiceField(choices=Density.choices, required=False)
    sidebar_collapsed = forms.ChoiceField(choices=(("1", "1"), ("0", "0")), required=False)
    language = forms.ChoiceField(choices=settings.LANGUAGES, required=False)

    def chosen(self) -> dict[str, str | bool]:
        """What was sent, as values of User's fields; empty where nothing valid was."""
        given = {name: value for name, value in self.cleaned_data.items() if value}
        if "sidebar_collapsed" in given:
            given["sidebar_collapsed"] = given["sidebar_collapsed"] == "1"
        return given
