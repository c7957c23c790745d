"""Pages for people: everything is escaped but what this code wrote; no script, nothing fetched."""

import hashlib
from collections.abc import Iterable
from html import escape
from typing import Any

from fastapi import Request, Response


class Html(str):
    """Text that is HTML already; whatever else goes into a page is escaped."""

    __slots__ = ()


def html(template: str, /, **values: object) -> Html:
    """The template with its values: ``Html`` as it is, many one after the other, the rest escaped."""
    return Html(template.format(**{name: _inserted(value) for name, value in values.items()}))


def cached(request: Request, answer: Response) -> Response:
    """Kept by whoever asks, and asked for again each time: 304 while it is the same (RFC 9110)."""
    etag = f'"{hashlib.sha256(answer.body).hexdigest()[:32]}"'
    headers = {"ETag": etag, "Cache-Control": "public, no-cache"}
    known = request.headers.get("if-none-match", "")
    if etag in (one.strip().removeprefix("W/") for one in known.split(",")):
        of_the_body = ("content-length", "content-type")
        kept = {name: value for name, value in answer.headers.items() if name not in of_the_body}
        return Response(None, 304, kept | headers)
    answer.headers.update(headers)
    return answer


def _inserted(value: Any) -> str:
    if isinstance(value, Html):
        return value
    if isinstance(value, Iterable) and not isinstance(value, str):
        return "".join(map(_inserted, value))
    return escape(str(value))
