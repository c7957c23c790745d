"""A case handed over: one archive, made as it is sent."""

from typing import Annotated

from fastapi import APIRouter, Depends, Query, Response
from fastapi.responses import StreamingResponse

from api.archive.making import CaseArchive
from api.archive.zipping import ZipStream
from api.batches import BatchNo, batch_of, fixes_letters
from api.evidence.reading import require_reason
from api.signed import signer_of
from api.web.auth import only
from api.web.problems import documented
from api.web.runtime import Deps
from law.calendar import SHANGHAI
from law.vocabulary import Role
from messages.base import Actor
from store.evidence import kept

_HANDED_TO = {Role.OFFICER, Role.SUPERVISOR, Role.APPROVER, Role.AUDITOR}
_ZIP = "application/zip"

router = APIRouter(tags=["批次"])


@router.get(
    "/batches/{batch_no}/archive.zip",
    summary="案卷（ZIP）",
    response_class=Response,
    responses={
        200: {"content": {_ZIP: {}}, "description": "案卷，边制作边发送"},
        **documented(401, 403, 404, 422, 503),
    },
)
async def hand_over(
    deps: Deps,
    actor: Annotated[Actor, Depends(only(_HANDED_TO, "取得案卷"))],
    batch_no: BatchNo,
    reason: Annotated[
        str | None,
        Query(title="理由", description="证据中有须写明理由查阅的，必填；记入查阅记录。", max_length=200),
    ] = None,
) -> StreamingResponse:
    """一个批次的全部文书、全程记录、期限证明、证据，连同公钥、核验程序和每个文件的摘要，以及一份说明：
    里面有什么，没有本系统如何核验。没有发完的压缩包打不开。"""
    signer = signer_of(deps)
    view = await batch_of(deps, batch_no, actor)
    await require_reason(deps, await kept.of_batch(deps.engine, batch_no), reason)
    archive = CaseArchive(deps, signer, batch_no, actor, fixes=fixes_letters(actor))
    stream = ZipStream(view.clock.astimezone(SHANGHAI))
    headers = {"Content-Disposition": f'attachment; filename="{batch_no}.zip"'}
    return StreamingResponse(stream.packed(archive.members(stream)), headers=headers, media_type=_ZIP)
