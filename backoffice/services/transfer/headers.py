"""Which sheet of an uploaded workbook is ours, and which of its columns is which."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from backoffice.formats import words
from backoffice.models import Sheet, User
from backoffice.resources import PAGES, Resource
from backoffice.services.exports.cells import SheetColumn
from backoffice.services.exports.editing import TAG
from backoffice.services.transfer.files import Refused, rows, text_of
from backoffice.services.upstream import current

_TAGGED = re.compile(TAG + r":([0-9a-fA-F-]{36})")
_LOOKED_AT = 40  # rows of each sheet in which its id may stand
MOST_NOTES = 20


@dataclass(frozen=True)
class Layout:
    """`places`: column of the sheet by index in the row; `number`: that of the records' numbers."""

    page: Any
    number: int
    places: Mapping[int, SheetColumn]
    notes: Sequence[str]

    def header(self, place: int) -> str:
        return self.places[place].header

    def place_of(self, name: str) -> int | None:
        """Where the field stands to be edited; None where its column was taken out."""
        found = (at for at, each in self.places.items() if each.name == name and not each.named)
        return next(found, None)


def known_sheet(book: Any, *, actor: User, resource: Resource) -> Sheet:
    """The sheet that this workbook was made from. Raises Refused for every other."""
    found = _id_of(book)
    if found is None:
        raise Refused(
            _("The file is not a sheet that was made here, or its page “About this sheet” was taken out."),
            _("Make a sheet for editing from a selection or a list, and change that one."),
        )
    sheet = Sheet.objects.filter(pk=found, upstream=current()).first()
    if sheet is None:
        raise Refused(_("This sheet is not known here: it belongs to another back office, or is too old."))
    if sheet.owner_id != actor.pk:
        raise Refused(_("This sheet was made for somebody else. Make one of your own."))
    if sheet.entity != resource.slug:
        made_of = PAGES[sheet.entity].label_plural if sheet.entity in PAGES else sheet.entity
        raise Refused(_("This is a sheet of %(entities)s. Upload it in their list.") % {"entities": made_of})
    if sheet.redacted_at is not None:
        raise Refused(_("A person in this sheet was redacted since it was made. Make a new sheet."))
    if sheet.expired:
        day = words.day(sheet.expires_at)
        raise Refused(_("This sheet could be uploaded until %(day)s. Make a new one.") % {"day": day})
    return sheet


def _id_of(book: Any) -> uuid.UUID | None:
    """On one of its pages, else among the properties of the file; Refused where there are several."""
    found = {match for page in book.worksheets for match in _tags_in(page)}
    if not found:
        found = {str(each.value) for each in book.custom_doc_props.props if each.name == TAG}
    if len(found) > 1:
        raise Refused(_("The file holds pages of several sheets. Upload each sheet by itself."))
    try:
        return uuid.UUID(found.pop()) if found else None
    except (ValueError, ValidationError):
        return None


def _tags_in(page: Any) -> set[str]:
    found: set[str] = set()
    for cells in page.iter_rows(max_row=_LOOKED_AT, max_col=3, values_only=True):
        found |= {match[1].lower() for value in cells if (match := _TAGGED.search(str(value or "")))}
    return found


def layout(book: Any, sheet: Sheet) -> Layout:
    """The page with the records and its columns. Raises Refused."""
    columns = [SheetColumn.read(each) for each in sheet.columns]
    heads = {page.title: (page, _heads(page)) for page in book.worksheets}
    number = _folded(columns[0].header)
    ours = [(page, texts) for page, texts in heads.values() if number in texts]
    if len(ours) > 1:
        titles = ", ".join(page.title for page, _texts in ours)
        raise Refused(_("Several pages hold records: %(pages)s. Keep one of them.") % {"pages": titles})
    if not ours:
        raise _without_number(columns, [texts for _page, texts in heads.values()])
    page, texts = ours[0]
    others = [title for title, (other, found) in heads.items() if other is not page and _is_foreign(other, found)]
    places, notes = _places(columns, texts)
    if others:
        notes.append(_("Pages that were not read: %(pages)s.") % {"pages": ", ".join(others[:MOST_NOTES])})
    numbered = next(at for at, each in places.items() if not each.name)
    return Layout(page, numbered, {at: each for at, each in places.items() if each.name}, notes)


def _heads(page: Any) -> list[str]:
    """The texts of the first row, folded; none where it is empty."""
    first = next(rows(page, most=10**7), None)
    if first is None or first[0] != 1:
        return []
    return [_folded(str(text_of(cell))) if cell.value is not None else "" for cell in first[1]]


def _is_foreign(page: Any, heads: Sequence[str]) -> bool:
    """Whether it is a page that we did not make and that holds something."""
    return bool(any(heads)) and page.sheet_state == "visible" and not _tags_in(page)


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


def _without_number(columns: Sequence[SheetColumn], pages: Sequence[Sequence[str]]) -> Refused:
    ours = {_folded(each.header) for each in columns}
    if any(ours & set(texts) for texts in pages):
        header = columns[0].header
        return Refused(
            _("The column “%(header)s” is missing: without it nobody knows which row is which record.")
            % {"header": header}
        )
    return Refused(_("No page has the headers of this sheet in its first row, so nothing was read."))


def _places(columns: Sequence[SheetColumn], texts: Sequence[str]) -> tuple[dict[int, SheetColumn], list[str]]:
    """The columns by where they stand now; moved ones are found by their headers. Raises Refused."""
    by_header = {_folded(each.header): each for each in columns}
    places: dict[int, SheetColumn] = {}
    complaints, notes = [], []
    for at, text in enumerate(texts):
        found, letter = by_header.get(text), get_column_letter(at + 1)
        was = columns[at] if at < len(columns) and _folded(columns[at].header) not in texts else None
        if found is not None and found in places.values():
            complaints.append(
                _("Column %(letter)s: the header “%(header)s” stands twice. Take one of the columns out.")
                % {"letter": letter, "header": found.header}
            )
        elif found is not None:
            places[at] = found
        elif was is not None:
            complaints.append(
                _("Column %(letter)s: the header was “%(header)s” and was changed. Write it again.")
                % {"letter": letter, "header": was.header}
            )
        elif text:
            notes.append(_("Column %(letter)s is not from this sheet and was not read.") % {"letter": letter})
    if complaints:
        raise Refused(*complaints)
    return places, notes[:MOST_NOTES]
