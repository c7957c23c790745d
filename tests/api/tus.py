"""A client of tus 1.0, as plain as can be, for the API's tests."""

import base64
import hashlib
from typing import Any

import httpx

from tests.evidence.builders import picture

TUS = {"Tus-Resumable": "1.0.0"}
PART = TUS | {"Content-Type": "application/offset+octet-stream"}


def said(**metadata: str) -> str:
    return ",".join(f"{name} {base64.b64encode(value.encode()).decode()}" for name, value in metadata.items())


async def create(client: httpx.AsyncClient, batch_no: str, size: int, **metadata: str) -> httpx.Response:
    told = said(**{"filename": "购买录像.png", "batch_no": batch_no} | metadata)
    headers = TUS | {"Upload-Length": str(size), "Upload-Metadata": told}
    return await client.post("/evidence/uploads", headers=headers)


async def begun(client: httpx.AsyncClient, batch_no: str, size: int, **metadata: str) -> str:
    """The address of a new upload."""
    answer = await create(client, batch_no, size, **metadata)
    assert answer.status_code == 201, answer.text
    return answer.headers["Location"]


async def send(
    client: httpx.AsyncClient, address: str, content: Any, offset: int = 0, checksum: str | None = None
) -> httpx.Response:
    headers = PART | {"Upload-Offset": str(offset)}
    if checksum is not None:
        headers["Upload-Checksum"] = checksum
    return await client.patch(address, content=content, headers=headers)


def checksum_of(content: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm} {base64.b64encode(hashlib.new(algorithm, content).digest()).decode()}"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


async def kept(
    client: httpx.AsyncClient, batch_no: str, content: bytes | None = None, **metadata: str
) -> str:
    """Upload a whole file; its digest."""
    content = picture(1000) if content is None else content
    answer = await send(client, await begun(client, batch_no, len(content), **metadata), content)
    assert answer.status_code == 204, answer.text
    assert answer.headers["Evidence-Digest"] == f"sha256:{sha256(content)}"
    return sha256(content)
