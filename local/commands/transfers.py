"""Files to and from the API, larger than memory, over lines that break: tus 1.0 and ranges."""

import base64
import http.client
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.commands.calling import Answer
from local.errors import CommandError

Progress = Callable[[int], None]

_TUS = {"Tus-Resumable": "1.0.0"}
_PATIENCE_SECONDS = 60.0
_AT_ONCE = 1024 * 1024
# Without a byte more: an API that is started again is back within seconds.
_TRIES = 8
_PAUSE_SECONDS = 1.0
# Somebody else writes, or what was sent was not received in time: the same again.
_AGAIN = (408, 409, 423, 502, 503, 504)

_GONE = (404, 410)


class _Broken(Exception):
    """The line broke."""


@dataclass(frozen=True)
class ApiLine:
    """To the API, in somebody's name."""

    api_url: str
    bearer: str

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None
    ) -> tuple[Answer, http.client.HTTPMessage]:
        """The answer, whatever it is. Raises ``_Broken``."""
        with closing(self._connection()) as connection:
            try:
                connection.request(method, path, body, self._with_token(headers))
                answer = connection.getresponse()
                return Answer(answer.status, answer.read()), answer.headers
            except (OSError, http.client.HTTPException) as error:
                raise _Broken(str(error)) from error

    def pieces(self, path: str, begin: int | None) -> Iterator[bytes]:
        """The bytes of what lies at ``path``, from ``begin`` on; of what is made as it is sent, None: all.

        Raises ``_Broken`` and ``CommandError``.
        """
        wanted = {} if begin is None else {"Range": f"bytes={begin}-"}
        with closing(self._connection()) as connection:
            try:
                connection.request("GET", path, headers=self._with_token(wanted))
                answer = connection.getresponse()
                if answer.status != (200 if begin is None else 206):
                    raise _refused(Answer(answer.status, answer.read()))
                while piece := answer.read(_AT_ONCE):
                    yield piece
            except (OSError, http.client.HTTPException) as error:
                raise _Broken(str(error)) from error

    def _connection(self) -> http.client.HTTPConnection:
        at = urlsplit(self.api_url)
        kind = http.client.HTTPSConnection if at.scheme == "https" else http.client.HTTPConnection
        return kind(at.hostname or "", at.port, timeout=_PATIENCE_SECONDS)

    def _with_token(self, headers: Mapping[str, str]) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.bearer}", **headers}


def begin(line: ApiLine, size: int, metadata: Mapping[str, str]) -> str:
    """The address of a new upload. Raises ``CommandError`` in the API's own words."""
    said = ",".join(f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in metadata.items())
    headers = {**_TUS, "Upload-Length": str(size), "Upload-Metadata": said}
    try:
        answer, told = line.ask("POST", "/evidence/uploads", headers)
    except _Broken as error:
        raise _unreachable(line) from error
    if answer.status != 201:
        raise _refused(answer)
    return told["Location"]


def send(line: ApiLine, address: str, file: Path, progress: Progress) -> str:
    """Send a file from where its upload stands; what the API says that its SHA-256 is.

    Goes on after a broken line. Raises ``CommandError`` for a refusal, and where the line stays broken.
    """
    tries, reached = 0, -1
    while True:
        try:
            answer, told = line.ask("HEAD", address, _TUS)
            if answer.status in _GONE:
                raise CommandError("这一上传已经过期或者撤销，请重新运行，从头上传。")
            if answer.status == 200 and "Evidence-Digest" not in told:
                offset = int(told["Upload-Offset"])
                progress(offset)
                if offset > reached:
                    tries, reached = 0, offset
                answer, told = _send_from(line, address, file, offset, progress)
            if answer.status < 300 and "Evidence-Digest" in told:
                return _sha256(told)
            if answer.status >= 400 and answer.status not in _AGAIN:
                raise _refused(answer)
        except _Broken as error:
            if tries >= _TRIES:
                raise _unreachable(line) from error
        tries += 1
        if tries > _TRIES:
            raise CommandError("上传一再中断，请稍后再次运行，从断处续传。")
        time.sleep(min(tries - 1, 5) * _PAUSE_SECONDS)


def fetch(line: ApiLine, path: str, size: int, into: Callable[[bytes], Any], progress: Progress) -> None:
    """The bytes at ``path``, going on after a broken line. Raises ``CommandError``."""
    received, tries = 0, 0
    while received < size:
        try:
            for piece in line.pieces(path, received):
                into(piece)
                received += len(piece)
                progress(received)
                tries = 0
        except _Broken as error:
            if tries >= _TRIES:
                raise _unreachable(line) from error
        tries += 1
        time.sleep(min(tries - 1, 5) * _PAUSE_SECONDS)


def fetch_made(line: ApiLine, path: str, into: Callable[[bytes], Any], progress: Progress) -> None:
    """What is made as it is sent: there is no going on. Raises ``CommandError``, also where it breaks off."""
    received = 0
    try:
        for piece in line.pieces(path, None):
            into(piece)
            received += len(piece)
            progress(received)
    except _Broken as error:
        raise CommandError("没有发完就中断了，没有保存，请重新运行。", detail=str(error)) from error


def _send_from(
    line: ApiLine, address: str, file: Path, offset: int, progress: Progress
) -> tuple[Answer, http.client.HTTPMessage]:
    size = file.stat().st_size
    # The first part alone: by it the API knows the type, and refuses before all the rest is sent for nothing.
    end = min(_AT_ONCE, size) if offset == 0 else size
    headers = {
        **_TUS,
        "Content-Type": "application/offset+octet-stream",
        "Upload-Offset": str(offset),
        "Content-Length": str(end - offset),
    }
    return line.ask("PATCH", address, headers, _pieces(file, offset, end, progress))


def _pieces(file: Path, offset: int, end: int, progress: Progress) -> Iterator[bytes]:
    with file.open("rb") as opened:
        opened.seek(offset)
        while offset < end and (piece := opened.read(min(_AT_ONCE, end - offset))):
            yield piece
            offset += len(piece)
            progress(offset)


def _sha256(told: http.client.HTTPMessage) -> str:
    return str(told["Evidence-Digest"]).partition(",")[0].removeprefix("sha256:")


def _refused(answer: Answer) -> CommandError:
    problem = answer.problem
    return CommandError(problem.get("detail") or f"API 回答 {answer.status}。")


def _unreachable(line: ApiLine) -> CommandError:
    return CommandError(f"连接不上 API（{line.api_url}）：请确认系统在运行，再次运行即从断处续传。")
