"""A form with one file at its end, taken apart as it comes in: of the file nothing is held or written."""

from collections.abc import AsyncIterator

from fastapi import Request
from python_multipart import MultipartParser
from python_multipart.exceptions import FormParserError
from python_multipart.multipart import parse_options_header

from api.web.problems import Problem
from messages.text import TextRefused, cleaned

_MOST_OF_HEAD = 16 * 1024
# What nobody reads any more is taken in all the same, so that the answer is seen: browsers send to the end.
_MOST_TO_PASS_OVER = 64 * 1024 * 1024


class _Parts:
    """What the parser has come across."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.filename: str | None = None
        self.content: list[bytes] = []
        self.in_content = False
        self._header = self._disposition = self._text = b""
        self._name = ""

    def parser(self, boundary: bytes) -> MultipartParser:
        return MultipartParser(
            boundary,
            {
                "on_header_begin": self._begin_header,
                "on_header_field": self._add_to_header,
                "on_header_value": self._add_to_value,
                "on_headers_finished": self._begin_part,
                "on_part_data": self._add,
                "on_part_end": self._end_part,
            },
        )

    def _begin_header(self) -> None:
        self._header = b""

    def _add_to_header(self, data: bytes, start: int, end: int) -> None:
        self._header += data[start:end]

    def _add_to_value(self, data: bytes, start: int, end: int) -> None:
        if self._header.lower() == b"content-disposition":
            self._disposition += data[start:end]

    def _begin_part(self) -> None:
        _, said = parse_options_header(self._disposition)
        self._disposition = b""
        self._name, self._text = said.get(b"name", b"").decode("utf-8", "replace"), b""
        if b"filename" in said:
            if self.filename is not None:
                raise Problem(422, "one_file", "一次上传一个文件。")
            name = said[b"filename"].decode("utf-8", "replace")
            self.filename = name.replace("%22", '"').replace("%0D", " ").replace("%0A", " ")
            self.in_content = True

    def _add(self, data: bytes, start: int, end: int) -> None:
        if self.in_content:
            self.content.append(data[start:end])
        else:
            self._text += data[start:end]

    def _end_part(self) -> None:
        if self.in_content:
            self.in_content = False
            return
        try:
            self.texts[self._name] = cleaned(self._text.decode("utf-8"))
        except (UnicodeDecodeError, TextRefused):
            raise Problem(422, "invalid", "表单中的文字无法识别。") from None


class IncomingFile:
    """The form's texts, which come first, and its file, whose size is known before it has come."""

    def __init__(self, request: Request) -> None:
        """Raises :class:`Problem` for what is no form with a file, or does not say how long it is."""
        kind, said = parse_options_header(request.headers.get("content-type", ""))
        length = request.headers.get("content-length", "")
        if kind != b"multipart/form-data" or not said.get(b"boundary"):
            raise Problem(415, "unsupported_media_type", "应为带文件的网页表单。")
        if not length.isdecimal() or len(length) > 15:
            raise Problem(411, "length_required", "浏览器没有说明文件的大小，不能上传。")
        self._parts = _Parts()
        self._parser = self._parts.parser(said[b"boundary"])
        self._stream = request.stream()
        self._rest = b""
        # The last line of the form, two dashes longer than the boundary between two parts.
        self._after = int(length) - len(said[b"boundary"]) - len(b"\r\n----\r\n")

    @property
    def texts(self) -> dict[str, str]:
        return self._parts.texts

    @property
    def filename(self) -> str:
        return self._parts.filename or ""

    async def begin(self) -> int:
        """Read up to the file; its size. Raises :class:`Problem` where there is none."""
        consumed = 0
        async for piece in self._stream:
            at = 0
            while at < len(piece) and consumed < _MOST_OF_HEAD and not self._parts.in_content:
                self._write(piece[at : at + 1])
                at, consumed = at + 1, consumed + 1
            if self._parts.in_content or consumed == _MOST_OF_HEAD:
                self._rest = piece[at:]
                break
        size = self._after - consumed
        if not self._parts.in_content or not self.filename or size <= 0:
            raise Problem(422, "file_missing", "请选择要上传的文件；空的文件不能上传。")
        return size

    async def content(self) -> AsyncIterator[bytes]:
        """The file, once, as it comes."""
        for piece in self._taken(self._rest):
            yield piece
        async for chunk in self._stream:
            for piece in self._taken(chunk):
                yield piece

    async def pass_over(self) -> None:
        """Take in what is still on its way."""
        passed = 0
        async for chunk in self._stream:
            passed += len(chunk)
            if passed > _MOST_TO_PASS_OVER:
                return

    def _taken(self, chunk: bytes) -> list[bytes]:
        self._write(chunk)
        content, self._parts.content = self._parts.content, []
        return content

    def _write(self, data: bytes) -> None:
        try:
            self._parser.write(data)
        except FormParserError:
            raise Problem(400, "malformed_form", "表单无法读取。") from None
