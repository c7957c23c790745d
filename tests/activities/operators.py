"""A platform operator's system, as a real HTTP server that takes only what is signed with its secret."""

import asyncio
import base64
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import uvicorn
import yaml
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from local.embedded.ports import free_port

SECRET = f"whsec_{base64.b64encode(b'known to both of them only').decode()}"
Answer = Callable[[Request], Awaitable[Response]]


def says(status: int, content: str = "", **headers: str) -> Answer:
    """An answer that is always the same."""

    async def answer(_request: Request) -> Response:
        return PlainTextResponse(content, status, {name.replace("_", "-"): v for name, v in headers.items()})

    return answer


class OperatorSystem:
    """Takes letters in; ``answers`` are those of the next requests, the last for all that follow."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.answers: list[Answer] = [says(200)]
        self.received: list[tuple[str, dict[str, Any]]] = []
        self.elsewhere = 0

    async def take(self, request: Request) -> Response:
        body = await request.body()
        message = Webhook(SECRET).verify(body, dict(request.headers))
        self.received.append((request.headers["webhook-id"], message))
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        return await answer(request)

    async def not_here(self, _request: Request) -> Response:
        self.elsewhere += 1
        return PlainTextResponse("")

    def file(self, folder: Path, name: str, secret: str = SECRET) -> Path:
        """The setting's file, with this operator under ``name``."""
        file = folder / "platforms.yaml"
        listed = [{"name": name, "url": f"http://127.0.0.1:{self.port}/letters", "secret": secret}]
        file.write_text(yaml.safe_dump(listed, allow_unicode=True), "utf-8")
        return file


@asynccontextmanager
async def operator_system() -> AsyncIterator[OperatorSystem]:
    """Listening on loopback until the end."""
    system = OperatorSystem(free_port())
    routes = [
        Route("/letters", system.take, methods=["POST"]),
        Route("/elsewhere", system.not_here, methods=["GET", "POST"]),
    ]
    config = uvicorn.Config(
        Starlette(routes=routes), port=system.port, log_level="critical", timeout_graceful_shutdown=1
    )
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server._serve())
    while not server.started:  # noqa: ASYNC110 (uvicorn has no event for it)
        await asyncio.sleep(0.01)
    try:
        yield system
    finally:
        server.should_exit = True
        await serving
