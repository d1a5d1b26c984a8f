"""Collects and compiles the translations with Babel, so that nobody needs GNU gettext to run, test or translate.

`python -m tools.messages` compiles what is stale; `python -m tools.messages collect` first takes the texts of
Python and templates into every catalogue: new ones empty, vanished ones dropped, translations kept.
"""

from __future__ import annotations

import io
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel import Locale
from babel.messages import Catalog, Message
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.plurals import get_plural
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

from tools.bootstrap import LOCALE, ROOT, stale_messages

# Function -> where its arguments stand: text, plural, context ("c").
_PLAIN = {"_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None}
_PLURAL = {"ngettext": (1, 2), "ngettext_lazy": (1, 2)}
_CONTEXT = {"pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2)}
_BOTH = {"npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3)}
KEYWORDS: dict[str, Any] = {**_PLAIN, **_PLURAL, **_CONTEXT, **_BOTH}

# Only what cannot be left out: dates and names in a header are noise in every diff.
_HEADER = """\
msgid ""
msgstr ""
"Language: {code}\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: {plural}\\n"

"""


def catalogues() -> list[Path]:
    return sorted(LOCALE.glob("*/LC_MESSAGES/django.po"))


def read_catalogue(path: Path) -> Catalog:
    with path.open("rb") as handle:
        return read_po(handle)


def collected(root: Path = ROOT) -> Catalog:
    """Every text of our Python and templates, untranslated."""
    found = Catalog()
    for path in [*sorted((root / "backoffice").rglob("*.py")), *sorted((root / "templates").rglob("*.*"))]:
        for line, text, comments, context in texts_of(path):
            place = (path.relative_to(root).as_posix(), line)
            found.add(text, locations=[place], auto_comments=comments, context=context)
    return found


def texts_of(path: Path) -> Iterator[tuple[int, Any, list[str], str | None]]:
    """(line, text or (text, plural), translators' comments, context) for each call in one file."""
    source = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # Django writes a template as calls between blanked-out words; indented, they would be no Python.
        calls = templatize(source, origin=str(path)).splitlines()
        source = "\n".join(line.lstrip() for line in calls)
    yield from extract("python", io.BytesIO(source.encode()), KEYWORDS, ["Translators:"], {"encoding": "utf-8"})


def merged(texts: Catalog, translated: Catalog) -> Catalog:
    """The texts with the translations they have; what is no longer in use is left out."""
    result = Catalog(locale=translated.locale)
    for message in _entries(texts):
        known = translated.get(message.id, message.context)
        result.add(
            message.id,
            string=known.string if known else None,
            locations=message.locations,
            flags=known.flags if known else (),
            auto_comments=message.auto_comments,
            user_comments=known.user_comments if known else (),
            context=message.context,
        )
    return result


def _entries(catalogue: Catalog) -> list[Message]:
    """The messages without the header."""
    return [message for message in catalogue if message.id]


def collect() -> None:
    texts = collected()
    for path in catalogues():
        path.write_text(written(merged(texts, read_catalogue(path))), encoding="utf-8")


def written(catalogue: Catalog) -> str:
    """As a .po: sorted by text and without line numbers, so that a text that moves changes nothing."""
    body = io.BytesIO()
    write_po(body, catalogue, width=0, omit_header=True, sort_output=True, include_lineno=False)
    locale = catalogue.locale
    assert isinstance(locale, Locale)
    plural = f"nplurals={catalogue.num_plurals}; plural={get_plural(locale).plural_expr};"
    return _HEADER.format(code=locale, plural=plural) + body.getvalue().decode().strip() + "\n"


def compile_catalogue(source: Path) -> None:
    """Write the .mo beside `source`; an unfinished file is never left under the final name."""
    unfinished = source.with_suffix(f".mo.{os.getpid()}")
    with unfinished.open("wb") as handle:
        write_mo(handle, read_catalogue(source))
    unfinished.replace(source.with_suffix(".mo"))


def compile_stale() -> None:
    for path in stale_messages():
        compile_catalogue(path)


if __name__ == "__main__":
    if sys.argv[1:] == ["collect"]:
        collect()
    compile_stale()
