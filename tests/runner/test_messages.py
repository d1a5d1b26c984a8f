"""Translations are collected and compiled without GNU gettext."""

from __future__ import annotations

import gettext
from pathlib import Path

from babel.messages import Catalog

from tools.messages import collected, compile_catalogue, merged, read_catalogue, written

CATALOGUE = """\
msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Language: da\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

msgid "Clients"
msgstr "Kunder"

msgid "%(count)s client"
msgid_plural "%(count)s clients"
msgstr[0] "%(count)s kunde"
msgstr[1] "%(count)s kunder på én gang"

msgctxt "verb"
msgid "Change"
msgstr "Ret"

#, fuzzy
msgid "Guess"
msgstr "Gæt"

msgid "Empty"
msgstr ""
"""


def test_a_compiled_catalogue_says_what_its_source_says(tmp_path: Path) -> None:
    source = tmp_path / "django.po"
    source.write_text(CATALOGUE)
    compile_catalogue(source)
    with (tmp_path / "django.mo").open("rb") as handle:
        texts = gettext.GNUTranslations(handle)
    assert texts.gettext("Clients") == "Kunder"
    assert texts.ngettext("%(count)s client", "%(count)s clients", 2) == "%(count)s kunder på én gang"
    assert texts.pgettext("verb", "Change") == "Ret"
    assert texts.gettext("Guess") == "Guess"  # a guess is nobody's translation
    assert texts.gettext("Empty") == "Empty"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["django.mo", "django.po"]


PYTHON = """
_("Plain")
gettext_lazy("Lazy " "in two pieces")
ngettext("%(n)s row", "%(n)s rows", n)
pgettext_lazy("verb", "Open")
name("Not a text")
"""
TEMPLATE = """\
{% load i18n %}
  {# It's a comment #}
    <p title="{% translate 'A title' %}">{% firstof name _("Somebody") %}</p>
{% if "it" in page %}
  {% blocktranslate trimmed count n=rows|length %}
    One 'row'
  {% plural %}
    {{ n }} "rows" at 100%
  {% endblocktranslate %}
{% translate "Open" context "state" %}
{% endif %}
"""


def test_texts_are_found_in_python_and_in_templates(tmp_path: Path) -> None:
    (tmp_path / "backoffice").mkdir()
    (tmp_path / "templates" / "records").mkdir(parents=True)
    (tmp_path / "backoffice" / "texts.py").write_text(PYTHON)
    (tmp_path / "templates" / "records" / "page.html").write_text(TEMPLATE)
    found = {(message.context, message.id) for message in collected(tmp_path) if message.id}
    assert found == {
        (None, "Plain"),
        (None, "Lazy in two pieces"),
        (None, ("%(n)s row", "%(n)s rows")),
        ("verb", "Open"),
        (None, "A title"),
        (None, "Somebody"),
        (None, ("One 'row'", '%(n)s "rows" at 100%%')),
        ("state", "Open"),
    }


def test_collecting_keeps_translations_and_drops_what_is_gone(tmp_path: Path) -> None:
    source = tmp_path / "django.po"
    source.write_text(CATALOGUE)
    texts = Catalog()
    texts.add("Clients", locations=[("templates/new.html", 7)])
    texts.add(("%(count)s client", "%(count)s clients"))
    texts.add("Clients and more")
    text = written(merged(texts, read_catalogue(source)))
    assert text.count("msgid ") == 4  # the header and three
    assert '#: templates/new.html\nmsgid "Clients"\nmsgstr "Kunder"\n' in text
    assert 'msgid "Clients and more"\nmsgstr ""\n' in text  # never guessed from a similar one
    assert 'msgstr[1] "%(count)s kunder på én gang"\n' in text
    source.write_text(text)
    assert written(merged(texts, read_catalogue(source))) == text
