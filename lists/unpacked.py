"""What a packed workbook unpacks to, weighed before a library sees it: a small file may hold a large one."""

import re
import zipfile
from contextlib import suppress
from typing import IO
from xml.parsers import expat

_MAX_MEMBERS = 500
# A list of 5,000 rows and 20 columns unpacks to 7 MB and has 300,000 elements.
_MAX_BYTES = 16 * 1024 * 1024
_MAX_BYTES_OF_OTHERS = 1024 * 1024
_MAX_ELEMENTS = 400_000
_MAX_ELEMENTS_OF_OTHERS = 10_000
# What is neither a row nor of a cell: merged ranges, rules, links; each takes a library long.
_MAX_BESIDE = 40_000
_OF_CELLS = {"row", "c", "v", "f", "is", "t", "si"}
_MAX_CELLS_OF_A_ROW = 20_000
_MAX_SHEETS = 50
_LISTS = re.compile(r"/?xl/(worksheets/[^/]+|sharedStrings)\.xml", re.IGNORECASE)
_PICTURES = "xl/media/"
_CHUNK = 64 * 1024


class TooLarge(Exception):
    """More than any list needs."""


class _Weighed:
    """What the XML of one workbook amounts to, element by element."""

    def __init__(self) -> None:
        self.elements = self.cells = self.sheets = self.beside = 0

    def add(self, content: IO[bytes], most: int) -> None:
        """Raises :class:`TooLarge`. What is no XML, or defines entities, is nothing to a library either."""
        most = min(_MAX_ELEMENTS, self.elements + most)

        def start(name: str, _attributes: list[str]) -> None:
            self.elements += 1
            kind = name.rpartition(":")[2]
            if kind == "c":
                self.cells += 1
            elif kind == "row":
                self.cells = 0
            elif kind not in _OF_CELLS:
                self.beside += 1
                self.sheets += kind == "sheet"
            if (
                self.elements > most
                or self.cells > _MAX_CELLS_OF_A_ROW
                or self.beside > _MAX_BESIDE
                or self.sheets > _MAX_SHEETS
            ):
                raise TooLarge

        parser = expat.ParserCreate()
        parser.ordered_attributes = True
        parser.StartElementHandler = start
        parser.EntityDeclHandler = _no_entity
        with suppress(expat.ExpatError):
            while chunk := content.read(_CHUNK):
                parser.Parse(chunk)


def _no_entity(*_declared: object) -> None:
    raise expat.ExpatError("an entity of its own")


def weigh(packed: zipfile.ZipFile) -> None:
    """Raises :class:`TooLarge`. No more than a member declares is ever unpacked."""
    members = packed.infolist()
    if len(members) > _MAX_MEMBERS or sum(one.file_size for one in members) > _MAX_BYTES:
        raise TooLarge
    weighed = _Weighed()
    for member in members:
        is_list = bool(_LISTS.fullmatch(member.filename))
        is_other = not is_list and not member.filename.startswith(_PICTURES)
        if is_other and member.file_size > _MAX_BYTES_OF_OTHERS:
            raise TooLarge
        with packed.open(member) as content:
            weighed.add(content, _MAX_ELEMENTS if is_list else _MAX_ELEMENTS_OF_OTHERS)
