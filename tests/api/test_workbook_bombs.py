"""A small workbook that unpacks to more than any machine has is refused before it is unpacked."""

import io
import struct
import time
import zipfile
from collections.abc import Callable

import httpx
import pytest

from api.web.receiving import XLSX
from lists.writing import to_xlsx
from tests.api.builders import assert_problem

_SHEET = "xl/worksheets/sheet1.xml"
_MEMBER_BYTES = 16 * 1024 * 1024
_COPIES = 20


def _bomb() -> bytes:
    """A real workbook beside whose sheet stand twenty members of 16 MB, all of them the same packed bytes."""
    packed = io.BytesIO(to_xlsx("清单", ("文书编号",), [("x",)], ()))
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED, compresslevel=9) as book:
        book.writestr("xl/worksheets/sheet2.xml", b" " * _MEMBER_BYTES)
        one = book.infolist()[-1]
        for number in range(3, 3 + _COPIES):
            other = zipfile.ZipInfo(f"xl/worksheets/sheet{number}.xml")
            for name in ("compress_type", "CRC", "compress_size", "file_size", "header_offset", "flag_bits"):
                setattr(other, name, getattr(one, name))
            book.filelist.append(other)
            book.NameToInfo[other.filename] = other
    return packed.getvalue()


def _lying_bomb() -> bytes:
    """Its sheet says that it is of a hundred bytes, and is of 16 MB."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(to_xlsx("清单", ("文书编号",), [("x",)], ()))) as book,
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as made,
    ):
        for member in book.infolist():
            content = b" " * _MEMBER_BYTES if member.filename == _SHEET else book.read(member)
            made.writestr(member.filename, content)
    size = struct.pack("<L", _MEMBER_BYTES)
    return packed.getvalue().replace(size, struct.pack("<L", 100))


@pytest.mark.parametrize(
    ("made", "status", "code"),
    [(_bomb, 413, "body_too_large"), (_lying_bomb, 422, "table_unreadable")],
)
@pytest.mark.parametrize("path", ["/dispatches/postings", "/dispatches/receipts"])
async def test_a_bomb_is_refused_within_a_second(
    officer: httpx.AsyncClient, made: Callable[[], bytes], status: int, code: str, path: str
) -> None:
    """Twenty kilobytes that are hundreds of megabytes, and one that lies about it."""
    content = made()
    assert len(content) < 32 * 1024
    begin = time.monotonic()
    answer = await officer.post(path, content=content, headers={"Content-Type": XLSX})
    assert time.monotonic() - begin < 1
    assert_problem(answer, status, code)
