"""A workbook's first sheet, read by what it holds and not by how it looks: Excel's, WPS's, Strict, 1904.

Only values are read. What a program wrote of colours, views and properties, rightly or wrongly, is nothing to
a list, and so cannot keep one from being read.
"""

import math
import posixpath
import re
import zipfile
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from xml.parsers import expat

from openpyxl.styles.numbers import BUILTIN_FORMATS, is_date_format
from openpyxl.utils.cell import column_index_from_string
from openpyxl.utils.datetime import MAC_EPOCH, WINDOWS_EPOCH, from_excel

from lists.cells import FORMULA, Cell

_CHUNK = 64 * 1024
_WORKBOOK = "xl/workbook.xml"
# Formats of days that East Asian editions have built in, beside those that all have.
_DAYS_OF_EAST_ASIA = frozenset(range(27, 37)) | frozenset(range(50, 59))
_PLACE = re.compile(r"([A-Z]{1,3})\d", re.IGNORECASE)
_TRUE = ("1", "true", "on")

Attributes = Mapping[str, str]


class NoWorkbook(Exception):
    """A packed file without a sheet; also where its XML is broken or defines entities."""


@dataclass(frozen=True)
class WorkbookSheet:
    """The rows by their numbers; ``epoch``: what day numbers without a format of their own count from."""

    rows: list[tuple[int, list[Cell]]]
    epoch: datetime


class _Enough(Exception):
    """As many rows as are wanted."""


@dataclass
class _Handler:
    """What is done with elements, whose names come without their prefix; ``text`` is of the last one."""

    start: Callable[[str, Attributes], None]
    end: Callable[[str, str], None] = lambda _name, _text: None


def first_sheet(packed: zipfile.ZipFile, *, most_rows: int, most_columns: int) -> WorkbookSheet:
    """The first sheet that is not hidden, so far as it is wanted. Raises :class:`NoWorkbook`."""
    members = {name.replace("\\", "/").strip("/").lower(): name for name in packed.namelist()}
    book = _Book(packed, members)
    workbook = book.target("", "officedocument") or _WORKBOOK
    epoch, sheet_id = book.sheet_of(workbook)
    related = book.related(workbook)
    sheet = related.get(sheet_id or "", ("", ""))[1]
    if not book.has(sheet):
        raise NoWorkbook
    by_type = dict(related.values())
    strings = book.strings(by_type.get("sharedstrings", ""))
    day_styles = book.day_styles(by_type.get("styles", ""))
    rows = _Rows(strings, day_styles, epoch, most_rows, most_columns)
    with suppress(_Enough):
        book.read(sheet, _Handler(rows.start, rows.end))
    return WorkbookSheet(rows.rows, epoch)


@dataclass
class _Book:
    """The members of a packed workbook, by their names in small letters."""

    packed: zipfile.ZipFile
    members: Mapping[str, str]

    def has(self, name: str) -> bool:
        return name.lower() in self.members

    def read(self, name: str, handler: _Handler) -> None:
        """Raises :class:`NoWorkbook`. A member that is not there has no elements."""
        if not self.has(name):
            return
        text: list[str] = []

        def start(of: str, attributes: dict[str, str]) -> None:
            text.clear()
            bare = {key.rpartition(":")[2]: value for key, value in attributes.items()}
            handler.start(of.rpartition(":")[2], bare)

        def end(of: str) -> None:
            handler.end(of.rpartition(":")[2], "".join(text))
            text.clear()

        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartElementHandler, parser.EndElementHandler = start, end
        parser.CharacterDataHandler = text.append
        parser.EntityDeclHandler = _no_entity
        try:
            with self.packed.open(self.members[name.lower()]) as content:
                while chunk := content.read(_CHUNK):
                    parser.Parse(chunk)
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise NoWorkbook from None

    def related(self, name: str) -> dict[str, tuple[str, str]]:
        """What a member refers to, by the reference: the kind in small letters, and the member."""
        folder, base = posixpath.split(name)
        found: dict[str, tuple[str, str]] = {}

        def start(of: str, attributes: Attributes) -> None:
            if of == "Relationship":
                kind = attributes.get("Type", "").rpartition("/")[2].lower()
                target = attributes.get("Target", "").replace("\\", "/")
                whole = target.strip("/") if target.startswith("/") else posixpath.join(folder, target)
                found[attributes.get("Id", "")] = kind, posixpath.normpath(whole)

        self.read(posixpath.join(folder, "_rels", f"{base}.rels"), _Handler(start))
        return found

    def target(self, name: str, kind: str) -> str | None:
        return next((target for of, target in self.related(name).values() if of == kind), None)

    def sheet_of(self, workbook: str) -> tuple[datetime, str | None]:
        """From when days are counted, and the reference to the first sheet that is not hidden."""
        epoch = WINDOWS_EPOCH
        worksheets = {id_ for id_, (kind, _) in self.related(workbook).items() if kind == "worksheet"}
        sheets: list[tuple[bool, str]] = []

        def start(of: str, attributes: Attributes) -> None:
            nonlocal epoch
            if of == "workbookPr" and attributes.get("date1904", "").lower() in _TRUE:
                epoch = MAC_EPOCH
            elif of == "sheet" and attributes.get("id") in worksheets:
                sheets.append((attributes.get("state", "visible") != "visible", attributes["id"]))

        self.read(workbook, _Handler(start))
        # Sorting keeps the order among those that are seen.
        first = min(sheets, key=lambda sheet: sheet[0], default=(False, None))
        return epoch, first[1]

    def strings(self, name: str) -> list[str]:
        """The texts that cells share; how they are pronounced is left out."""
        strings: list[str] = []
        texts = _Texts()

        def end(of: str, text: str) -> None:
            texts.end(of, text)
            if of == "si":
                strings.append(texts.taken())

        self.read(name, _Handler(texts.start, end))
        return strings

    def day_styles(self, name: str) -> frozenset[int]:
        """The styles of cells whose numbers are days."""
        formats = dict(BUILTIN_FORMATS)
        styles: list[int] = []
        within: list[str] = []

        def start(of: str, attributes: Attributes) -> None:
            if of == "cellXfs":
                within.append(of)
            elif of == "numFmt":
                formats[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif of == "xf" and within:
                styles.append(_number(attributes.get("numFmtId")))

        def end(of: str, _text: str) -> None:
            if of == "cellXfs":
                within.clear()

        with suppress(NoWorkbook):  # a number that is a day is known by its column, too
            self.read(name, _Handler(start, end))
        return frozenset(
            place
            for place, number in enumerate(styles)
            if number in _DAYS_OF_EAST_ASIA or is_date_format(formats.get(number, ""))
        )


@dataclass
class _Texts:
    """The pieces of one text, without its phonetic runs."""

    pieces: list[str] = field(default_factory=list)
    phonetic: bool = False

    def start(self, of: str, _attributes: Attributes) -> None:
        self.phonetic = self.phonetic or of == "rPh"

    def end(self, of: str, text: str) -> None:
        if of == "rPh":
            self.phonetic = False
        elif of == "t" and not self.phonetic:
            self.pieces.append(text)

    def taken(self) -> str:
        whole = "".join(self.pieces)
        self.pieces.clear()
        return whole


@dataclass
class _Rows:
    """The cells of one sheet, as they come."""

    strings: list[str]
    day_styles: frozenset[int]
    epoch: datetime
    most_rows: int
    most_columns: int
    rows: list[tuple[int, list[Cell]]] = field(default_factory=list)
    number: int = 0
    column: int = 0
    cell: Attributes = field(default_factory=dict)
    value: str | None = None
    formula: bool = False
    texts: _Texts = field(default_factory=_Texts)

    def start(self, of: str, attributes: Attributes) -> None:
        self.texts.start(of, attributes)
        if of == "row":
            self.number = _number(attributes.get("r"), self.number + 1)
            if len(self.rows) >= self.most_rows:
                raise _Enough
            self.rows.append((self.number, []))
            self.column = 0
        elif of == "c" and self.rows:
            self.column += 1
            if place := _PLACE.match(attributes.get("r", "")):
                self.column = column_index_from_string(place[1])
            self.cell, self.value, self.formula = attributes, None, False
            self.texts.taken()
        elif of == "f":
            self.formula = True

    def end(self, of: str, text: str) -> None:
        self.texts.end(of, text)
        if of == "v":
            self.value = text
        elif of == "c" and self.rows and 1 <= self.column <= self.most_columns:
            cells = self.rows[-1][1]
            cells.extend([None] * (self.column - len(cells)))
            cells[self.column - 1] = self._read()

    def _read(self) -> Cell:
        kind, inline = self.cell.get("t", "n"), self.texts.taken()
        if self.formula:
            return FORMULA
        if kind == "inlineStr":
            return inline
        if self.value is None or not self.value.strip():
            return None
        if kind == "s":
            place = _number(self.value, -1)
            return self.strings[place] if 0 <= place < len(self.strings) else None
        if kind == "d":
            return _moment(self.value)
        return self._numeral(self.value.strip()) if kind == "n" else self.value

    def _numeral(self, text: str) -> Cell:
        try:
            number = int(text) if text.lstrip("+-").isdecimal() else float(text)
            is_finite = math.isfinite(number)
        except (ValueError, OverflowError):
            return text
        if not is_finite:
            return text
        if _number(self.cell.get("s"), -1) in self.day_styles:
            with suppress(ValueError, OverflowError):
                return from_excel(number, self.epoch)
        return number


def _moment(text: str) -> Cell:
    """A day as Strict workbooks keep it; what is none, or has a zone, stays a text."""
    with suppress(ValueError):
        told = datetime.fromisoformat(text)
        return told if told.tzinfo is None else text
    return text


def _number(text: str | None, otherwise: int = 0) -> int:
    try:
        return int(text or "")
    except ValueError:
        return otherwise


def _no_entity(*_declared: object) -> None:
    raise NoWorkbook
