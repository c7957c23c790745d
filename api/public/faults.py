"""What goes wrong, told on a page to whoever looks with a browser; programs get the problem document."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from fastapi.responses import HTMLResponse
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.public.frame import frame
from api.web.address import FOR_PEOPLE
from api.web.html import html
from api.web.problems import MEDIA_TYPE

_NO_SUCH_ADDRESS = "not_found"
_FAULT = """<div class="card"><p>{said}</p>
<p>{then}</p></div>"""
_ELSEWHERE = html('<a href="/gongshi">查询抽检结果公示</a>')
_AGAIN = "网站暂时不能查询，请过几分钟再试。"
# The document speaks to programs of parts that nobody here has heard of.
_SAID = {404: "没有这个页面，请核对地址。", 500: "网站出现故障，已经记录。", 503: _AGAIN}
_HEADERS_OF_THE_DOCUMENT = ("content-type", "content-length")


# From a problem document and its status.
FaultPage = Callable[[dict[str, Any], int], HTMLResponse]


class FaultPages:
    """ASGI: a problem document becomes a page where a browser asked for a page, or for what there is not."""

    def __init__(self, app: ASGIApp, of_staff: Mapping[str, FaultPage]) -> None:
        """``of_staff``: the pages of faults below these addresses, which are not the public's."""
        self._app = app
        self._of_staff = of_staff

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        start: Message | None = None
        document = bytearray()

        async def told(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start" and _is_problem(message):
                start = message
            elif start is None:
                await send(message)
            else:
                document.extend(message.get("body", b""))
                if not message.get("more_body"):
                    page = self._page(scope["path"], start, bytes(document))
                    if page is not None:
                        await page(scope, receive, send)
                        return
                    await send(start)
                    await send({"type": "http.response.body", "body": bytes(document)})

        await self._app(scope, receive, told)

    def _page(self, path: str, start: Message, document: bytes) -> HTMLResponse | None:
        """None where it was a program's address."""
        problem: dict[str, Any] = json.loads(document)
        status: int = start["status"]
        of_staff = next((page for at, page in self._of_staff.items() if f"{path}/".startswith(at)), None)
        if of_staff is not None:
            page = of_staff(problem, status)
        elif path.startswith(FOR_PEOPLE) or problem["code"] == _NO_SUCH_ADDRESS:
            said = _SAID.get(status, problem["detail"])
            page = frame(None, problem["title"], html(_FAULT, said=said, then=_ELSEWHERE), status)
        else:
            return None
        kept = Headers(scope=start)
        page.headers.update({n: kept[n] for n in kept if n not in _HEADERS_OF_THE_DOCUMENT})
        return page


def _is_problem(start: Message) -> bool:
    return Headers(scope=start).get("content-type") == MEDIA_TYPE
