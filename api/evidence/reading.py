"""What is kept of a batch, a file's bytes, opened on the way, and who keeps it."""

import logging
from collections.abc import AsyncIterator, Sequence
from typing import Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Header, Path, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field

from api.batches import BatchNo, batch_of, own_laboratory
from api.evidence.ranges import asked_for
from api.evidence.uploading import key_missing
from api.evidence.views import EvidenceView, OneEvidence, evidence_view, one_evidence
from api.views import Listing
from api.web.auth import EveryCaller, only_everywhere
from api.web.body import JsonRoute
from api.web.problems import Problem, documented
from api.web.reading import seen
from api.web.runtime import Deps, Runtime
from evidence.keyring import NoRootKey
from evidence.kinds import form_served_as
from evidence.objects import UNREADABLE, ObjectMissing
from evidence.profiles import SealBroken
from law.vocabulary import EvidenceKind, Role
from messages.base import Actor, Message, Name, Text
from messages.words import EVIDENCE
from store.errors import BatchUnknown, EvidenceUnknown
from store.evidence import kept
from store.evidence.kept import KeptEvidence
from store.ledger import batches

_log = logging.getLogger(__name__)
_SHOWN_IN_THE_BROWSER = (EvidenceKind.RECORDING, EvidenceKind.IMAGE, EvidenceKind.PDF)
_BINARY = "application/octet-stream"

router = APIRouter(tags=["证据"])
changing_router = APIRouter(route_class=JsonRoute, tags=["证据"])

DigestPath = Annotated[
    str,
    Path(
        title="SHA-256 摘要",
        pattern=r"^(sha256:)?[0-9a-f]{64}$",
        max_length=71,
        examples=["sha256:" + "0" * 64],
    ),
]
OfBatch = Annotated[
    str | None,
    Query(title="批次编号；同一文件存于几个批次的，指明其中一个", max_length=100),
]
Reason = Annotated[
    str | None, Query(title="查阅理由", description="规程要求的类型须写明；记入查阅记录。", max_length=200)
]


class KeeperChange(Message):
    """Who keeps a file from now on, and why."""

    model_config = ConfigDict(
        title="变更保管人",
        json_schema_extra={"example": {"keeper": "李保管", "reason": "原保管人岗位调整"}},
    )

    keeper: Name = Field(title="保管人")
    reason: Text = Field(title="理由")


@router.get("/batches/{batch_no}/evidence", summary="批次的证据", responses=documented(401, 404, 422, 503))
async def list_evidence(deps: Deps, actor: EveryCaller, batch_no: BatchNo) -> Listing[EvidenceView]:
    """已经入库的文件，依入库的先后：摘要、类型、上传人、保管人。检验机构只见本机构上传的。"""
    await batch_of(deps, batch_no, actor)
    found = [one for one in await kept.of_batch(deps.engine, batch_no) if _may_know(actor, one)]
    return Listing(items=tuple(map(evidence_view, found)), next_cursor=None)


@router.get("/evidence/{digest}", summary="一件证据", responses=documented(401, 404, 422, 503))
async def show_evidence(
    deps: Deps, actor: EveryCaller, digest: DigestPath, batch_no: OfBatch = None
) -> OneEvidence:
    """文件的来历、类型和历任保管人；检验机构只查得到本机构上传的。"""
    one = await _one(deps, digest, batch_no, actor)
    keepers = await kept.keepers(deps.engine, one.evidence_id)
    return one_evidence(one, keepers, reason_needed=await _asks_for_reason(deps, [one]) is not None)


@router.get(
    "/evidence/{digest}/content",
    summary="证据的内容",
    response_class=Response,
    responses={
        200: {"content": {_BINARY: {}}, "description": "文件的内容，媒体类型按内容识别"},
        206: {"content": {_BINARY: {}}, "description": "文件的一段"},
        **documented(401, 403, 404, 410, 416, 422, 500, 503),
    },
)
async def read_evidence(
    deps: Deps,
    actor: EveryCaller,
    digest: DigestPath,
    batch_no: OfBatch = None,
    reason: Reason = None,
    wanted: Annotated[str | None, Header(alias="Range", title="所要的范围", max_length=200)] = None,
    if_range: Annotated[str | None, Header(alias="If-Range", title="所依据的版本", max_length=200)] = None,
) -> Response:
    """支持范围请求，录像可以在浏览器里拖动；解密随读随做。每次查阅都登记在查阅记录上。"""
    one = await _readable(deps, digest, batch_no, actor, reason)
    form = form_served_as(one.media_type)
    etag = f'"sha256:{one.sha256}"'
    part = asked_for(wanted, one.size) if if_range in (None, etag) else None
    begin, end = part or (0, one.size)
    headers = {
        "Accept-Ranges": "bytes",
        "Cache-Control": "no-store",
        "Content-Length": str(end - begin),
        "Content-Disposition": _disposition(one, form.kind),
        "ETag": etag,
    }
    if part is not None:
        headers["Content-Range"] = f"bytes {begin}-{end - 1}/{one.size}"
    content = await _begun(deps, one, begin, end)
    return StreamingResponse(content, 206 if part else 200, headers, one.media_type)


@changing_router.post(
    "/evidence/{digest}/keeper",
    summary="变更证据的保管人",
    responses=documented(400, 401, 403, 404, 408, 413, 415, 422, 503),
)
async def change_keeper(
    deps: Deps,
    actor: Annotated[Actor, Depends(only_everywhere({Role.OFFICER, Role.SUPERVISOR}, "变更证据的保管人"))],
    digest: DigestPath,
    change: KeeperChange,
    batch_no: OfBatch = None,
) -> OneEvidence:
    """登记在批次的全程记录上；历任保管人都保留。"""
    one = await _one(deps, digest, batch_no, actor)
    await kept.change_keeper(deps.engine, one, change.keeper, change.reason, actor)
    return await show_evidence(deps, actor, digest, one.batch_no)


async def _one(deps: Runtime, digest: str, batch_no: str | None, actor: Actor) -> KeptEvidence:
    """The first that this caller may know of. Raises ``EvidenceUnknown``."""
    sha256 = digest.removeprefix("sha256:")
    for one in await kept.by_digest(deps.engine, sha256):
        if batch_no not in (None, one.batch_no) or not _may_know(actor, one):
            continue
        try:
            await batch_of(deps, one.batch_no, actor)
        except BatchUnknown:
            continue
        seen([one.batch_no])
        return one
    raise EvidenceUnknown(sha256)


def _may_know(actor: Actor, one: KeptEvidence) -> bool:
    """What others handed in, an application with its papers among it, is not a laboratory's matter."""
    return own_laboratory(actor) in (None, one.uploaded_by.laboratory)


async def _readable(
    deps: Runtime, digest: str, batch_no: str | None, actor: Actor, reason: str | None
) -> KeptEvidence:
    """What this caller may read now. Raises :class:`Problem` and ``EvidenceUnknown``."""
    one = await _one(deps, digest, batch_no, actor)
    if one.is_disposed:
        raise Problem(410, "evidence_disposed", "这件证据已经依规定处置，只保留摘要和记录。")
    await require_reason(deps, [one], reason)
    return one


async def require_reason(deps: Runtime, of_batch: Sequence[KeptEvidence], reason: str | None) -> None:
    """Raises :class:`Problem` 403 where the regulation asks for a reason to see one of them."""
    if reason and reason.strip():
        return
    if (asked := await _asks_for_reason(deps, of_batch)) is not None:
        kind, rests_on = asked
        raise Problem(403, "reason_needed", f"查阅{EVIDENCE[kind]}须写明理由。", rests_on=rests_on)


async def _asks_for_reason(
    deps: Runtime, of_batch: Sequence[KeptEvidence]
) -> tuple[EvidenceKind, str] | None:
    """The first kind that is seen with a reason only, and by which rule."""
    if not of_batch:
        return None
    regulation = (await batches.opening_of(deps.engine, of_batch[0].batch_no)).regulation
    rests_on = regulation.readings.citations["evidence_read_with_reason"].rests_on
    for kind in (form_served_as(one.media_type).kind for one in of_batch):
        if kind in regulation.readings.evidence_read_with_reason:
            return kind, rests_on
    return None


def _disposition(one: KeptEvidence, kind: EvidenceKind) -> str:
    how = "inline" if kind in _SHOWN_IN_THE_BROWSER else "attachment"
    return f"{how}; filename*=UTF-8''{quote(one.filename, safe='')}"


async def _begun(deps: Runtime, one: KeptEvidence, begin: int, end: int) -> AsyncIterator[bytes]:
    """The content, its first piece opened before anything is answered."""
    content = deps.evidence.opened(one, begin, end)
    try:
        first = await anext(content)
    except (ObjectMissing, SealBroken, *UNREADABLE):
        _log.error("evidence %s of %s is missing, altered or unreadable", one.evidence_id, one.batch_no)
        detail = "存放的文件缺失、改动或者读不出来；请报告系统管理员。"
        raise Problem(500, "evidence_damaged", detail) from None
    except NoRootKey as error:
        raise key_missing(error) from None
    return _continued(first, content)


async def _continued(first: bytes, content: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for piece in content:
        yield piece
