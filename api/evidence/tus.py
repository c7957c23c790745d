"""The words of tus 1.0: what its headers say, and what each of its answers carries."""

import base64
import re
from collections.abc import Callable, Coroutine, Mapping
from email.utils import format_datetime
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from api.web.auth import authenticate
from api.web.problems import Problem
from evidence.taking import PartChecksum
from store.evidence.kept import KeptEvidence
from store.evidence.uploads import Upload

VERSION = "1.0.0"
PART_TYPE = "application/offset+octet-stream"
EXTENSIONS = "creation,checksum,expiration,termination"
# Asked for by the protocol, and the one that proves something.
CHECKSUMS = ("sha1", "sha256")
_DIGITS = re.compile(r"[0-9]{1,15}")


class TusRoute(APIRoute):
    """Whoever asks is known first; the protocol's version is on every answer and asked of every request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def handled(request: Request) -> Response:
            try:
                authenticate(request)
                if request.headers.get("tus-resumable") != VERSION:
                    detail = f"上传请使用 tus {VERSION}（请求头 Tus-Resumable: {VERSION}）。"
                    raise Problem(412, "tus_version", detail, headers={"Tus-Version": VERSION})
                answer = await handler(request)
            except Problem as problem:
                problem.headers = {**(problem.headers or {}), "Tus-Resumable": VERSION}
                raise
            answer.headers["Tus-Resumable"] = VERSION
            return answer

        return handled


def digest_header(one: KeptEvidence) -> dict[str, str]:
    """The digests that were computed here, for the sender to compare."""
    sm3 = f", sm3:{one.sm3}" if one.sm3 else ""
    return {"Evidence-Digest": f"sha256:{one.sha256}{sm3}"}


def standing(upload: Upload | KeptEvidence) -> dict[str, str]:
    """How far an upload is; of one that is whole also its digest."""
    if isinstance(upload, KeptEvidence):
        size = str(upload.size)
        return {"Upload-Offset": size, "Upload-Length": size, **digest_header(upload)}
    return {
        "Upload-Offset": str(upload.received),
        "Upload-Length": str(upload.size),
        "Upload-Expires": format_datetime(upload.expires_at, usegmt=True),
    }


def number(request: Request, header: str) -> int:
    """Raises :class:`Problem` 400 where the header is not a number of bytes."""
    said = request.headers.get(header, "")
    if not _DIGITS.fullmatch(said):
        raise Problem(400, "tus_malformed", f"请求头 {header} 应为字节数。")
    return int(said)


def metadata(request: Request) -> Mapping[str, str]:
    """Upload-Metadata as text. Raises :class:`Problem` 400."""
    said = request.headers.get("upload-metadata", "")
    found: dict[str, str] = {}
    try:
        for pair in filter(None, map(str.strip, said.split(","))):
            name, _, value = pair.partition(" ")
            found[name] = base64.b64decode(value.strip(), validate=True).decode("utf-8")
    except ValueError:
        detail = "请求头 Upload-Metadata 应为以逗号分隔的“名称 Base64值”。"
        raise Problem(400, "tus_malformed", detail) from None
    return found


def checksum(request: Request) -> PartChecksum | None:
    """Upload-Checksum, where it is said. Raises :class:`Problem` 400."""
    said = request.headers.get("upload-checksum")
    if said is None:
        return None
    algorithm, _, digest = said.partition(" ")
    try:
        decoded = base64.b64decode(digest.strip(), validate=True)
    except ValueError:
        decoded = b""
    if algorithm not in CHECKSUMS or not decoded:
        detail = f"请求头 Upload-Checksum 应为“算法 Base64值”，算法为 {'、'.join(CHECKSUMS)} 之一。"
        raise Problem(400, "tus_malformed", detail)
    return PartChecksum(algorithm, decoded)
