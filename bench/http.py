"""A keep-alive HTTP/1.1 client of a few lines: on two cores the asker must cost next to nothing itself."""

import asyncio
import json
import time
from collections.abc import Mapping
from typing import Any

_TIMEOUT_SECONDS = 60
_KEPT_SECONDS = 2.0  # the server closes what has been idle for five


class Http:
    """JSON over connections that are opened as needed and kept."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._idle: list[tuple[float, asyncio.StreamReader, asyncio.StreamWriter]] = []

    async def post(self, path: str, token: str, body: Mapping[str, Any]) -> tuple[int, Any]:
        """Status and JSON of the answer."""
        content = json.dumps(body, ensure_ascii=False).encode()
        return await self._ask("POST", path, token, content)

    async def get(self, path: str, token: str) -> tuple[int, Any]:
        return await self._ask("GET", path, token, b"")

    async def _ask(self, method: str, path: str, token: str, content: bytes) -> tuple[int, Any]:
        reader, writer = await self._connection()
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {token}\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(content)}\r\n\r\n"
        )
        writer.write(head.encode() + content)
        async with asyncio.timeout(_TIMEOUT_SECONDS):
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in lines[1:] if line)
            raw = await reader.readexactly(int(headers["content-length"]))
        if headers.get("connection") == "close":
            writer.close()
        else:
            self._idle.append((time.monotonic(), reader, writer))
        return int(lines[0].split(" ", 2)[1]), json.loads(raw)

    async def _connection(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        while self._idle:
            kept_at, reader, writer = self._idle.pop()
            if time.monotonic() - kept_at < _KEPT_SECONDS:
                return reader, writer
            writer.close()
        return await asyncio.open_connection("127.0.0.1", self._port)

    async def __aenter__(self) -> "Http":
        return self

    async def __aexit__(self, *_error: object) -> None:
        for _, _, writer in self._idle:
            writer.close()
