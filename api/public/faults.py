"""What goes wrong, told on a page to whoever looks with a browser; programs get the problem document."""

import json
from typing import Any

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


class FaultPages:
    """ASGI: a problem document becomes a page where a browser asked for a page, or for what there is not."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
                    await _tell(scope, receive, send, start, bytes(document))

        await self._app(scope, receive, told)


async def _tell(scope: Scope, receive: Receive, send: Send, start: Message, document: bytes) -> None:
    problem: dict[str, Any] = json.loads(document)
    if scope["path"].startswith(FOR_PEOPLE) or problem["code"] == _NO_SUCH_ADDRESS:
        status = start["status"]
        said = _SAID.get(status, problem["detail"])
        page = frame(None, problem["title"], html(_FAULT, said=said, then=_ELSEWHERE), status)
        kept = Headers(scope=start)
        page.headers.update({n: kept[n] for n in kept if n not in _HEADERS_OF_THE_DOCUMENT})
        await page(scope, receive, send)
        return
    await send(start)
    await send({"type": "http.response.body", "body": document})


def _is_problem(start: Message) -> bool:
    return Headers(scope=start).get("content-type") == MEDIA_TYPE
