"""One form field for one declared field: the control it is shown as, and how its text becomes a value.

Everything hangs on one comparison: the posted text against the text that the control was rendered with. Equal
means untouched, and an untouched field keeps the value it had, whatever that was; so a value with odd spaces,
Windows line ends or a type of its own is never "changed" by opening and saving a form.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from backoffice.formats import words
from backoffice.resources import Field, Kind
from backoffice.resources.rules import complaint, emptied
from backoffice.templatetags.web import as_text

Choices = Sequence[tuple[str, str]]
IRI = re.compile(r"(https?://[^\s/]+)?/[^\s?#]+")


def one_newline(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def shown_text(value: Any) -> str:
    """What an input is filled with for this value."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return one_newline(as_text(value))


def editable_value(value: Any) -> bool:
    """Whether an input can hold the value; objects and lists are shown and never sent."""
    return value is None or isinstance(value, str | int | float | bool)


class ValueField(forms.Field):
    """A declared field in a form.

    `base` is the value the form was rendered from, `creating` says that there is none. `offered` are the choices
    as (value, label); `suggest_url` is given instead for a list too long to offer, and `label_now` is the name of
    what is chosen there. `clean` returns `base` itself for an untouched input (or one that was not posted at all),
    None for an emptied one, else the parsed value; it raises ValidationError with a sentence for the operator.
    """

    def __init__(
        self,
        spec: Field,
        *,
        base: Any = None,
        creating: bool = False,
        offered: Choices = (),
        suggest_url: str = "",
        label_now: str = "",
    ) -> None:
        self.spec = spec
        self.base = base
        self.creating = creating
        self.offered = offered
        self.suggest_url = suggest_url
        self.label_now = label_now
        self.shown = shown_text(base)
        super().__init__(required=False, label=str(spec.label), help_text=str(spec.help), widget=_widget(self))
        self.initial = self.shown

    @property
    def marked_required(self) -> bool:
        return self.spec.required

    def untouched(self, raw: str | None) -> bool:
        if raw is None:
            return True
        return not self.creating and one_newline(raw) == self.shown

    def bound_data(self, data: Any, initial: Any) -> Any:
        """An input that was not posted shows what it held: shown empty, the next submit would empty it."""
        return initial if data is None else data

    def clean(self, raw: Any) -> Any:
        if self.untouched(raw) and not self.creating:
            return self.base
        text = one_newline(raw or "")
        if self.spec.kind is not Kind.LONG_TEXT or not text.strip():
            text = text.strip()
        if not text:
            return self._emptied()
        if "\x00" in text:
            raise ValidationError(complaint(self.spec, text))
        return _PARSERS.get(self.spec.kind, _text)(self, text)

    def _emptied(self) -> None:
        if sentence := emptied(self.spec, creating=self.creating):
            raise ValidationError(sentence)


def _text(field: ValueField, text: str) -> str:
    if sentence := complaint(field.spec, text):
        raise ValidationError(sentence)
    return text


def _integer(field: ValueField, text: str) -> int:
    try:
        return words.parse_integer(text)
    except ValueError:
        raise ValidationError(complaint(field.spec, text)) from None


def _boolean(field: ValueField, text: str) -> bool:
    if text not in ("true", "false"):
        raise ValidationError(complaint(field.spec, text))
    return text == "true"


def _country_code(field: ValueField, text: str) -> str:
    code = text.upper()
    if code not in {value for value, _label in field.offered}:
        raise ValidationError(_("Choose a country from the list."))
    return code


def _reference(field: ValueField, text: str) -> str:
    """The IRI as the server gave it. A long list is not known here: its IRIs are judged by Flowtly alone."""
    if text in {value for value, _label in field.offered}:
        return text
    if not field.suggest_url:
        raise ValidationError(_("Choose one from the list."))
    if IRI.fullmatch(text):
        return text
    if field.offered:
        raise ValidationError(_("More than one is found by the name “%(name)s”. Choose one.") % {"name": text})
    raise ValidationError(_("Nothing is found by the name “%(name)s”. Write another part of it.") % {"name": text})


_PARSERS: dict[Kind, Callable[[ValueField, str], Any]] = {
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.COUNTRY_CODE: _country_code,
    Kind.REFERENCE: _reference,
}


class HonestSelect(forms.Select):
    """Never shows another value than it holds: what was posted and is no option becomes one.

    A browser would show the first option instead, and the next submit would send that.
    """

    def optgroups(self, name: str, value: list[str], attrs: Any = None) -> Any:
        offered = list(self.choices)
        known = {str(held) for held, _label in offered}
        self.choices = [*offered, *((text, text) for text in value if text not in known)]
        try:
            return super().optgroups(name, value, attrs)
        finally:
            self.choices = offered


class DataListInput(forms.TextInput):
    """A text input that offers the values seen and takes any other."""

    def __init__(self, offered: Choices, attrs: dict[str, Any]) -> None:
        super().__init__(attrs)
        self.offered = offered

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        list_id = f"{(attrs or {}).get('id', name)}_values"
        options = format_html_join(
            "",
            '<option value="{}">{}</option>',
            ((held, "" if label == held else label) for held, label in self.offered),
        )
        shown = super().render(name, value, {**(attrs or {}), "list": list_id}, renderer)
        return format_html('{}<datalist id="{}">{}</datalist>', shown, list_id, options)


class TypeAheadInput(forms.TextInput):
    """Holds an IRI; the page's script puts a type-ahead by name over it. Without script it takes a name, too."""

    def __init__(self, url: str, label: str) -> None:
        super().__init__({"autocomplete": "off"})
        self.url = url
        self.label = label

    def render(self, name: str, value: Any, attrs: Any = None, renderer: Any = None) -> SafeString:
        shown = super().render(name, value, attrs, renderer)
        label = self.label if value else ""
        how = _("To choose another one, write its name or a part of it.")
        now = format_html('<noscript><p class="was"><bdi>{}</bdi> {}</p></noscript>', label, how)
        box = '<div data-combobox data-url="{}" data-min="2" data-label="{}">{}</div>{}'
        return format_html(box, self.url, label, shown, now)


def _widget(field: ValueField) -> forms.Widget:
    spec, attrs = field.spec, {"dir": "auto", "autocomplete": "off"}
    if field.suggest_url and not field.offered:
        return TypeAheadInput(field.suggest_url, field.label_now)
    match spec.kind:
        case Kind.LONG_TEXT:
            return forms.Textarea({"rows": 4, "dir": "auto"})
        case Kind.INTEGER:
            return forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "class": "short num"})
        case Kind.REFERENCE | Kind.COUNTRY_CODE:
            return HonestSelect(choices=_with_current(field))
        case Kind.BOOLEAN:
            return forms.RadioSelect(choices=_yes_or_no(field))
        case Kind.CHOICE | Kind.LANGUAGE:
            return DataListInput(field.offered, attrs | {"class": "medium"})
    if "\n" in field.shown:  # a single-line input would drop the line ends, and so change the value
        return forms.Textarea({"rows": 3, "dir": "auto"})
    keyboard = {Kind.EMAIL: "email", Kind.URL: "url", Kind.IMAGE: "url"}.get(spec.kind)
    return forms.TextInput(attrs | ({"inputmode": keyboard} if keyboard else {}))


def _yes_or_no(field: ValueField) -> list[tuple[str, str]]:
    """Three states, so that what nobody chose is never sent as "no"; "not set" only where it can be."""
    options = [("true", _("Yes")), ("false", _("No"))]
    if field.shown and field.shown not in ("true", "false"):
        options.append((field.shown, field.shown))
    if field.creating:
        options.append(("", _("As Flowtly sets it")))
    elif field.spec.clearable:
        options.append(("", _("Not set")))
    return options


def _with_current(field: ValueField) -> list[tuple[str, str]]:
    """The options, with "none" in front and the current value even where the list does not know it."""
    options = list(field.offered)
    if field.shown and field.shown not in {value for value, _label in options}:
        name = field.label_now or _("%(value)s (not in the list)") % {"value": field.shown}
        options.insert(0, (field.shown, name))
    return [("", NONE_CHOSEN), *options]  # type: ignore[list-item]


NONE_CHOSEN = gettext_lazy("– none –")
