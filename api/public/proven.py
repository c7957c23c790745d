"""What the pages behind QR codes have in common: how often one may ask, what is said, and who signs it."""

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from fastapi import Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse
from fastapi.routing import APIRoute

from api.public.frame import frame
from api.signed import signer_of
from api.web.html import Html, html
from api.web.problems import Problem
from api.web.runtime import Runtime
from law.calendar import SHANGHAI

# Who holds the paper reads it now; nobody keeps it or finds it.
HEADERS = {"Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_FAILED = """<article aria-label="核验结果"><p class="verdict bad">{said}</p>
<p>{then}</p></article>
"""
_PROOF = """<article aria-label="核验结果"><p class="verdict {look}">{said}</p>
<p>{then}</p>
{answer}<dl>{rows}</dl></article>
{form}{signed}"""
_ROW = "<div><dt>{title}</dt><dd>{value}</dd></div>"
_DIGEST = '<div><dt>{title}</dt><dd class="digest">{value}</dd></div>'
_SIGNED = """<div class="card next"><p><a
 href="{path}.txt">有签名的核验结果（文本）</a>，可以留存，用本局<a
 href="/.well-known/choujian-keys.txt">公布的公钥</a>核对：签名人 {name}，公钥编号 {id}。</p></div>
"""
_CHECK = "请核对地址，或者重新扫描文书上的二维码；仍不符的，请与本局联系。"
_COMPARE = "请将下列内容与您手中的文书逐项核对；有不一致的，请与本局联系，不要依据该文书办理。"


class LimitedRoute(APIRoute):
    """Whoever asks too often is told when to come again, on a page."""

    def get_route_handler(self) -> Callable[[Request], Any]:
        answer = super().get_route_handler()

        async def handler(request: Request) -> Response:
            runtime: Runtime = request.app.state.runtime
            address = request.client.host if request.client else ""
            if seconds := runtime.verifications.seconds_to_wait(address):
                said = html(_FAILED, said="核验次数过多。", then=f"请在{seconds}秒后再试。")
                page = _page(429, "请稍后再试", said)
                page.headers["Retry-After"] = str(seconds)
                return page
            made: Response = await answer(request)
            return made

        return handler


def row(title: str, value: str) -> Html:
    return html(_ROW, title=title, value=value)


def digest_row(title: str, value: str) -> Html:
    return html(_DIGEST, title=title, value=value)


def no_such(said: str) -> HTMLResponse:
    return _page(404, "核验不通过", html(_FAILED, said=said, then=_CHECK))


def faulty(faults: Sequence[str]) -> HTMLResponse:
    """Ours, but our own record does not agree."""
    then = "请与本局联系，不要依据该文书办理。"
    return _page(404, "核验不通过", html(_FAILED, said=f"{'；'.join(faults)}。", then=then))


def genuine(
    deps: Runtime,
    path: str,
    standing: tuple[str, str, str],
    rows: Iterable[Html],
    *,
    answer: Html | str = "",
    form: Html | str = "",
) -> HTMLResponse:
    """``standing``: heading, sentence, look; ``path``: of this page, which its signed text has with .txt."""
    heading, said, look = standing
    body = html(
        _PROOF,
        look=look,
        said=said,
        then=_COMPARE,
        answer=answer,
        rows=list(rows),
        form=form,
        signed=_whose(deps, path),
    )
    return _page(200, heading, body)


def signed_text(deps: Runtime, form: str, facts: Iterable[tuple[str, str]], said: str) -> PlainTextResponse:
    """What the page says, as a text that the installation has signed. Raises ``Problem`` 503."""
    lines = [f"{title} {_one_line(value)}" for title, value in facts]
    lines += [f"核验结果 {said}", f"核验时间 {datetime.now(SHANGHAI).isoformat(timespec='seconds')}"]
    return PlainTextResponse(signer_of(deps).note(form, *lines), headers=HEADERS)


def _whose(deps: Runtime, path: str) -> Html | str:
    """Nothing while there is no key: the page says what it says without."""
    try:
        key = signer_of(deps).public
    except Problem:
        return ""
    return html(_SIGNED, path=path, name=key.name, id=key.id)


def _one_line(value: str) -> str:
    return " ".join(value.split())


def _page(status: int, heading: str, body: Html) -> HTMLResponse:
    page = frame(None, heading, body, status, name=f"{heading}，文书核验")
    page.headers.update(HEADERS)
    return page
