"""The stylesheet, the script and what digests files beside it, under an address that says what is in them."""

from fastapi import APIRouter, Response

from api.console.pages import DIGESTING, SCRIPT, STYLE
from api.web.problems import Problem

router = APIRouter(prefix="/console/static", include_in_schema=False)

_FILES = {
    "console.css": (STYLE, "text/css"),
    "console.js": (SCRIPT, "text/javascript"),
    "sha256.js": (DIGESTING, "text/javascript"),
}
_FOR_GOOD = {"Cache-Control": "public, max-age=31536000, immutable"}


@router.get("/{version}/{name}")
async def show(version: str, name: str) -> Response:  # noqa: ARG001 (another version is another address)
    if name not in _FILES:
        raise Problem(404, "not_found", "没有这个地址。")
    content, media_type = _FILES[name]
    return Response(content, media_type=media_type, headers=_FOR_GOOD)
