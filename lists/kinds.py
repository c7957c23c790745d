"""What a file is that is no list, so that whoever sent it can be told."""

import io
import re
import zipfile

_PACKED = b"PK\x03\x04"
_HTML = re.compile(rb"\s*(<!doctype html|<html|<table|<meta|<style|<head)", re.IGNORECASE)
_KINDS = (
    (b"\xd0\xcf\x11\xe0", "是旧式的 XLS（或 ET）工作簿，或者是设了密码的工作簿；请去掉密码，另存为 XLSX"),
    (b"%PDF", "是 PDF；请向寄递企业索取 XLSX 或 CSV"),
    (b"Rar!", "是 RAR 压缩包；请解压后提交其中的清单"),
    (b"7z\xbc\xaf", "是 7z 压缩包；请解压后提交其中的清单"),
    (b"\xff\xd8\xff", "是图片；请提交 XLSX 或 CSV"),
    (b"\x89PNG", "是图片；请提交 XLSX 或 CSV"),
)
_MEMBERS = (
    ("xl/workbook.bin", "是 XLSB 工作簿；请另存为 XLSX"),
    ("word/document.xml", "是 Word 文档；请提交 XLSX 或 CSV"),
    ("content.xml", "是 ODS 表格；请另存为 XLSX"),
)


def is_packed(raw: bytes) -> bool:
    """Whether it may be a workbook of today."""
    return raw.startswith(_PACKED)


def kind_of(raw: bytes) -> str | None:
    """What a file is that can be read neither as CSV nor as a workbook, and what to do; None: not known."""
    if is_packed(raw):
        return _packed_kind(raw)
    head = raw[:1024].removeprefix(b"\xef\xbb\xbf")
    if _HTML.match(head):
        return "是网页形式的表格（后缀可能是 xls）；请用表格软件打开，另存为 XLSX"
    if head.lstrip().startswith(b"<?xml") and b"urn:schemas-microsoft-com:office:spreadsheet" in raw[:4096]:
        return "是 XML 表格（2003）；请用表格软件打开，另存为 XLSX"
    return next((told for start, told in _KINDS if raw.startswith(start)), None)


def _packed_kind(raw: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as packed:
            members = packed.namelist()[:1000]
    except (zipfile.BadZipFile, OSError, ValueError):
        return None
    found = next((told for member, told in _MEMBERS if member in members), None)
    if found is None and not any(name.lower().startswith("xl") for name in members):
        return "是压缩包；请解压后提交其中的清单"
    return found
