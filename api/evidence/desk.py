"""Where staff upload evidence and look at it: a page that holds nothing itself; its script asks the API."""

from importlib.resources import files

from fastapi import APIRouter, Request, Response
from fastapi.responses import HTMLResponse

from api.web.headers import only, page_policy
from api.web.html import Html, cached, html

_HERE = files("api.evidence")
_CSS, _SCRIPT, _PAGE, _WORKER = (
    (_HERE / name).read_text("utf-8") for name in ("desk.css", "desk.js", "desk.html", "sha256.js")
)
# Nothing runs but this script and its worker; nothing is asked of anybody else.
_POLICY = page_policy(
    styles=only(_CSS),
    scripts=only(_SCRIPT),
    further="connect-src 'self'; img-src 'self'; media-src 'self'; worker-src 'self'; ",
)
_BODY = html(_PAGE, css=Html(_CSS), script=Html(_SCRIPT))

router = APIRouter(prefix="/zhengju", include_in_schema=False)


@router.get("")
async def show(request: Request) -> Response:
    return cached(request, HTMLResponse(_BODY, headers=_POLICY))


@router.get("/sha256.js")
async def worker(request: Request) -> Response:
    """Takes the digest of a file of any size beside the page; the browser's own cannot be fed in parts."""
    return cached(request, Response(_WORKER, media_type="text/javascript"))
