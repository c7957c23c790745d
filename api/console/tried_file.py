"""A list as a file: tried first, and taken in with one click more, for which the page carries the file."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from starlette.requests import ClientDisconnect

from api.console.desk import FORM_TOKEN, Desk, came_from_here, check_form_token, read_form
from api.console.incoming import IncomingFile
from api.web.problems import Problem
from lists.reading import MAX_BYTES

# What a page can carry to its next click; a larger file is chosen once more.
MOST_CARRIED = 1024 * 1024


@dataclass(frozen=True)
class TriedFile:
    """``said``: what its form says, the file's ``name`` with it."""

    said: Mapping[str, str]
    content: bytes

    @cached_property
    def _digest(self) -> str:
        return hashlib.sha256(self.content).hexdigest()

    @property
    def was_tried(self) -> bool:
        return bool(self.said.get("tried"))

    @property
    def is_chosen_again(self) -> bool:
        """Whether it is too large to be carried."""
        return len(self.content) > MOST_CARRIED

    def carried(self, *names: str) -> dict[str, str]:
        """What the page sends with its next click: these fields, the digest, the file itself."""
        said = {name: self.said.get(name, "") for name in names} | {"tried": self._digest}
        return said if self.is_chosen_again else said | {"content": base64.b64encode(self.content).decode()}

    def require_the_same(self) -> None:
        """Raises :class:`Problem` for a file chosen once more that is not the one that was tried."""
        if self.said.get("tried", "") not in ("", self._digest):
            raise Problem(422, "another_file", "这不是刚才试过的那个文件，请重新试一次。")


async def sent_file(desk: Desk) -> TriedFile:
    """What a form with a file sends, or what the page before carried of it. Raises :class:`Problem`."""
    if desk.request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
        form = await read_form(desk.request)
        check_form_token(form[FORM_TOKEN], desk.token)
        try:
            content = base64.b64decode(form["content"], validate=True)
        except ValueError:
            raise Problem(422, "file_missing", "请选择文件。") from None
        return TriedFile({"name": "", **{name: form[name] for name in form.values}}, content)
    came_from_here(desk.request)
    incoming = IncomingFile(desk.request)
    try:
        size = await incoming.begin()
        check_form_token(incoming.texts.get(FORM_TOKEN, ""), desk.token)
        if size > MAX_BYTES:
            raise Problem(413, "body_too_large", f"清单不能超过{MAX_BYTES // 1024**2} MiB。")
        content = b"".join([piece async for piece in incoming.content()])
    except ClientDisconnect:
        raise Problem(408, "body_not_received", "文件没有收完，请重新提交。") from None
    except Problem:
        await incoming.pass_over()
        raise
    return TriedFile({**incoming.texts, "name": incoming.filename}, content)
