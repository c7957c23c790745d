"""Asking for a certificate: the document to be checked, and the page to be handed over."""

from typing import Annotated

from fastapi import APIRouter, Query, Response
from fastapi.responses import HTMLResponse

from api.batches import BatchNo, WaitId, own_part_of
from api.certificates.page import POLICY, page_of
from api.signed import signer_of
from api.web.auth import EveryCaller
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from messages.base import Actor
from proof.certificates.composing import NoDeadline, WaitUnknown, certificate_of
from proof.certificates.models import SignedCertificate
from proof.certificates.signing import signed
from signing.notes import Signer
from store.reads.on_record import record_of

router = APIRouter(prefix="/batches/{batch_no}/certificates", tags=["期限"])

AtCheckpoint = Annotated[
    int | None,
    Query(
        title="检查点编号", description="附上本批次在该检查点的证明；不写则为最近一个。", ge=1, le=2**31 - 1
    ),
]
_WHAT = """一个期限的证明：起算事由及其证据，规则，工作日历，逐日计算，历次变动，审查过的每一步骤及其是否
计入的理由，登记簿的状况，结论，以及在全程记录摘要链中的位置。正在进行的期限也可以出具，结论为 `running`。

同一事项计算过几次的，证明最近一次，并列明此前各次在全程记录中的序号。"""


# Before the other: its path would take this one's for a wait's id.
@router.get(
    "/{wait}.html",
    summary="期限证明书（供打印）",
    description=f"{_WHAT}\n\n与 JSON 文本内容相同，供打印（A4）、交存。",
    response_class=Response,
    responses={
        200: {"content": {"text/html": {}}, "description": "供打印的页面"},
        **documented(401, 404, 409, 422, 503),
    },
)
async def print_certificate(
    deps: Deps, actor: EveryCaller, batch_no: BatchNo, wait: WaitId, checkpoint: AtCheckpoint = None
) -> Response:
    signer = signer_of(deps)
    certificate = await _certificate(deps, batch_no, actor, wait, checkpoint, signer)
    page = page_of(certificate, signer.public, deps.settings.public_address)
    return HTMLResponse(page, headers=POLICY)


@router.get(
    "/{wait}",
    summary="期限证明",
    description=f"{_WHAT}\n\n存为文件后，用 `choujian verify 文件 --key 公钥` 核验，或者在没有本系统的"
    "机器上用 `python verify/certificate.py 文件 --key 公钥`；公钥公布于 "
    "`/.well-known/choujian-keys.txt`。供打印的页面在同一地址加 `.html`。",
    responses=documented(401, 404, 409, 422, 503),
)
async def show_certificate(
    deps: Deps, actor: EveryCaller, batch_no: BatchNo, wait: WaitId, checkpoint: AtCheckpoint = None
) -> SignedCertificate:
    return await _certificate(deps, batch_no, actor, wait, checkpoint, signer_of(deps))


async def _certificate(
    deps: Runtime, batch_no: str, actor: Actor, wait: str, checkpoint: int | None, signer: Signer
) -> SignedCertificate:
    """For whoever may see the batch."""
    part = await own_part_of(deps, batch_no, actor)
    # Before the record: what a checkpoint has of it is then in the certificate.
    included = await deps.trees.inclusion(batch_no, checkpoint)
    try:
        if part is not None and not part.has_wait(wait):
            raise WaitUnknown(wait)
        return signed(certificate_of(await record_of(deps.engine, batch_no), wait), signer, included)
    except WaitUnknown:
        detail = f"批次 {batch_no} 没有编号为“{wait}”的等待事项；全部事项见 /batches/{batch_no}/waits。"
        raise Problem(404, "wait_unknown", detail) from None
    except NoDeadline as error:
        raise Problem(409, "wait_without_deadline", f"“{error}”没有期限，无从出具期限证明。") from None
