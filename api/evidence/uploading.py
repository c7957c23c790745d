"""Uploading evidence, in parts and as often as the line breaks: tus 1.0 (docs/evidence.md)."""

import re
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from pydantic import Field
from starlette.requests import ClientDisconnect

from api.batches import BatchNo, batch_of
from api.evidence import tus
from api.views import Listing, View
from api.web.auth import only_everywhere
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from evidence.errors import (
    ChecksumDiffers,
    DigestDiffers,
    DiskLow,
    Interrupted,
    OffsetDiffers,
    TooLong,
)
from evidence.incoming import IncomingBusy, IncomingLost
from evidence.keyring import NoRootKey
from evidence.kinds import KindRefused, allowed
from evidence.uploading import Offered
from law.vocabulary import Role
from messages.base import Actor
from messages.text import TextRefused, cleaned, on_one_line
from messages.words import EVIDENCE
from store.evidence import kept, uploads

_GIB = 1024**3
# A screen recording of hours is some gigabytes; a laboratory sends reports and recordings of a sealing.
LARGEST = {Role.OFFICER: 20 * _GIB, Role.SUPERVISOR: 20 * _GIB, Role.APPROVER: 20 * _GIB, Role.LAB: 4 * _GIB}
_MOST_AT_ONCE = {Role.LAB: 5}
_MOST_AT_ONCE_OTHERWISE = 20
MOST_OF_A_BATCH = 500
_LONGEST_NAME = 200
_SHA256 = re.compile(r"[0-9a-f]{64}")

router = APIRouter(prefix="/evidence/uploads", route_class=tus.TusRoute, include_in_schema=False)
options_router = APIRouter(prefix="/evidence/uploads", include_in_schema=False)
listing_router = APIRouter(prefix="/batches", tags=["证据"])
Uploader = Annotated[Actor, Depends(only_everywhere(LARGEST, "上传证据"))]


class UploadView(View):
    """A file of one's own that has not come whole yet."""

    upload_id: UUID = Field(title="上传编号，续传的地址为 /evidence/uploads/编号")
    filename: str = Field(title="文件名")
    size: int = Field(title="文件大小（字节）")
    received: int = Field(title="已收到（字节）")
    declared_sha256: str | None = Field(title="上传人申报的 SHA-256 摘要")


@options_router.options("")
@options_router.options("/{upload_id}")
async def offers() -> Response:
    """What of tus there is."""
    headers = {
        "Tus-Resumable": tus.VERSION,
        "Tus-Version": tus.VERSION,
        "Tus-Extension": tus.EXTENSIONS,
        "Tus-Max-Size": str(max(LARGEST.values())),
        "Tus-Checksum-Algorithm": ",".join(tus.CHECKSUMS),
    }
    return Response(status_code=204, headers=headers)


@router.post("")
async def begin(request: Request, deps: Deps, actor: Uploader) -> Response:
    """Of Upload-Metadata: ``filename``, ``batch_no``; as one likes ``sha256`` and ``keeper``."""
    size = tus.number(request, "Upload-Length")
    _check_size(size, actor)
    said = tus.metadata(request)
    batch_no = _text(said, "batch_no", str)
    await batch_of(deps, batch_no, actor)
    there = await kept.of_batch(deps.engine, batch_no)
    if any(one.is_disposed for one in there):
        raise Problem(409, "evidence_disposed", "本批次的证据已经处置，不再接收。")
    if len(there) >= MOST_OF_A_BATCH:
        raise Problem(
            409, "evidence_full", f"本批次的证据已满{MOST_OF_A_BATCH}件，请将零散的文件打包后上传。"
        )
    offered = Offered(
        batch_no=batch_no,
        filename=_text(said, "filename", _last_part),
        size=size,
        sha256=_declared(said),
        keeper=_text(said, "keeper", str) if said.get("keeper") else actor.name,
        actor=actor,
    )
    most = _MOST_AT_ONCE.get(actor.role, _MOST_AT_ONCE_OTHERWISE)
    try:
        upload = await deps.uploads.begin(offered, most)
    except DiskLow:
        raise _disk_low() from None
    except NoRootKey as error:
        raise key_missing(error) from None
    location = f"/evidence/uploads/{upload.upload_id}"
    return Response(status_code=201, headers={"Location": location, **tus.standing(upload)})


@router.head("/{upload_id:uuid}")
async def standing(deps: Deps, actor: Uploader, upload_id: UUID) -> Response:
    """From where on to send."""
    try:
        upload = await deps.uploads.find(upload_id, actor)
    except IncomingBusy:
        raise _busy() from None
    except IncomingLost:
        raise _lost() from None
    return Response(status_code=200, headers=tus.standing(upload))


@router.patch("/{upload_id:uuid}")
async def receive(request: Request, deps: Deps, actor: Uploader, upload_id: UUID) -> Response:
    """The next bytes; the answer to the last carries the digest."""
    if request.headers.get("content-type") != tus.PART_TYPE:
        raise Problem(415, "unsupported_media_type", f"上传的每一部分应为 {tus.PART_TYPE}。")
    offset = tus.number(request, "Upload-Offset")
    checksum = tus.checksum(request)
    try:
        upload = await deps.uploads.receive(upload_id, actor, offset, _pieces(request), checksum)
    except OffsetDiffers as error:
        detail = f"应当从第 {error.received} 字节续传。"
        raise Problem(409, "offset_differs", detail, headers={"Upload-Offset": str(error.received)}) from None
    except tuple(_PROBLEMS) as error:
        raise _PROBLEMS[type(error)]() from None
    except NoRootKey as error:
        raise key_missing(error) from None
    return Response(status_code=204, headers=tus.standing(upload))


@router.delete("/{upload_id:uuid}")
async def give_up(deps: Deps, actor: Uploader, upload_id: UUID) -> Response:
    """What has come is thrown away; what is kept stays."""
    await _unfinished(deps, upload_id, actor)
    try:
        await deps.uploads.end(upload_id)
    except IncomingBusy:
        raise _busy() from None
    return Response(status_code=204)


@listing_router.get(
    "/{batch_no}/evidence/uploads",
    summary="本人尚未传完的文件",
    responses=documented(401, 403, 404, 422, 503),
)
async def unfinished(deps: Deps, actor: Uploader, batch_no: BatchNo) -> Listing[UploadView]:
    """可以续传的；最近一次收到内容的在前。七日之内没有续传的，自动撤销。"""
    await batch_of(deps, batch_no, actor)
    found = await uploads.of_batch(deps.engine, batch_no, actor.sub)
    return Listing(items=tuple(map(UploadView.model_validate, found)), next_cursor=None)


async def _unfinished(deps: Runtime, upload_id: UUID, actor: Actor) -> None:
    if isinstance(await deps.uploads.find(upload_id, actor), kept.KeptEvidence):
        raise Problem(403, "evidence_kept", "文件已经入库，不能撤销上传。")


async def _pieces(request: Request) -> AsyncIterator[bytes]:
    try:
        async for piece in request.stream():
            yield piece
    except ClientDisconnect:
        raise Interrupted from None


def _check_size(size: int, actor: Actor) -> None:
    largest = LARGEST[actor.role]
    if size > largest:
        raise Problem(413, "evidence_too_large", f"您上传的文件每个不能超过{largest // _GIB} GiB。")
    if size == 0:
        raise Problem(422, "evidence_empty", "文件是空的。")


def _text(said: Mapping[str, str], name: str, made: Callable[[str], str]) -> str:
    """A text of Upload-Metadata as it is kept. Raises :class:`Problem` 422."""
    try:
        text = made(on_one_line(cleaned(said.get(name, "")))).strip()
    except TextRefused as refused:
        raise Problem(422, "invalid", f"Upload-Metadata 的 {name} {refused}。") from None
    if not 0 < len(text) <= _LONGEST_NAME:
        raise Problem(422, "invalid", f"Upload-Metadata 应有 {name}，不超过{_LONGEST_NAME}个字。")
    return text


def _last_part(name: str) -> str:
    """Some browsers and systems send the folders along."""
    return name.replace("\\", "/").rpartition("/")[2]


def _declared(said: Mapping[str, str]) -> str | None:
    declared = said.get("sha256") or None
    if declared is not None and not _SHA256.fullmatch(declared):
        raise Problem(422, "invalid", "Upload-Metadata 的 sha256 应为64位小写十六进制的 SHA-256 摘要。")
    return declared


def key_missing(error: NoRootKey) -> Problem:
    """Whom to tell, and where it was looked for, is for the administrator."""
    detail = f"证据的根密钥无法读取（{error}），请联系系统管理员。"
    return Problem(503, "evidence_key_missing", detail)


def _busy() -> Problem:
    return Problem(
        423, "upload_busy", "另一个请求正在上传这个文件，请稍后再续传。", headers={"Retry-After": "5"}
    )


def _lost() -> Problem:
    return Problem(410, "upload_lost", "已收到的部分在磁盘上不完整，已撤销，请重新上传。")


def _disk_low() -> Problem:
    detail = "存放证据的磁盘空间不足，暂时不能上传；已收到的部分保留，清理或扩大磁盘之后可以续传。"
    return Problem(507, "disk_low", detail)


def _kind_refused() -> Problem:
    may = "；".join(f"{title}（{allowed(kind)}）" for kind, title in EVIDENCE.items())
    detail = f"按内容识别，这个文件不是可以作为证据上传的类型，已撤销。可以上传：{may}。"
    return Problem(415, "kind_refused", detail)


_PROBLEMS: dict[type[Exception], Callable[[], Problem]] = {
    IncomingBusy: _busy,
    IncomingLost: _lost,
    DiskLow: _disk_low,
    KindRefused: _kind_refused,
    TooLong: lambda: Problem(413, "evidence_too_long", "内容超出了申报的文件大小（Upload-Length）。"),
    ChecksumDiffers: lambda: Problem(
        460, "checksum_differs", "这一部分与所附的校验和不符，没有收下，请重传。"
    ),
    DigestDiffers: lambda: Problem(
        422, "digest_differs", "收到的文件与申报的 SHA-256 摘要不符，已撤销，请核对文件后重新上传。"
    ),
    Interrupted: lambda: Problem(408, "body_not_received", "内容没有收完，请检查网络后续传。"),
}
