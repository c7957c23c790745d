"""What is signed beside certificates, and the keys that all of it is signed with."""

from fastapi import APIRouter
from fastapi.responses import PlainTextResponse

from api.batches import BatchNo, batch_of
from api.web.auth import Caller
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from signing.keys import NoSigningKey
from signing.notes import Signer
from store.ledger import timeline

router = APIRouter()
KEYS_PATH = "/.well-known/choujian-keys.txt"
_PUBLIC = {"Cache-Control": "public, max-age=300"}


def signer_of(deps: Runtime) -> Signer:
    """The key in use. Raises ``Problem`` 503 where the installation has none."""
    try:
        return deps.keyring.signer()
    except NoSigningKey:
        raise _no_key() from None


@router.get(
    KEYS_PATH,
    tags=["公开信息"],
    summary="签名所用的公钥",
    description="期限证明、全程记录的末条、文书核验结果和检查点都用这里的公钥核对。每行一个公钥"
    "（C2SP signed-note 的 verifier key：名称、编号、Ed25519 公钥），"
    "最后一行是现在使用的；换下的仍列在前面。",
    response_class=PlainTextResponse,
    responses=documented(503),
)
async def show_keys(deps: Deps) -> PlainTextResponse:
    try:
        return PlainTextResponse(deps.keyring.published(), headers=_PUBLIC)
    except NoSigningKey:
        raise _no_key() from None


@router.get(
    "/batches/{batch_no}/timeline/head",
    tags=["批次"],
    summary="全程记录的末条，有签名",
    description="批次编号、末条序号、末条摘要和时间，是一份有签名的文本。留存它，此前的记录其后有改动即可查出。",
    response_class=PlainTextResponse,
    responses=documented(401, 404, 422, 503),
)
async def show_head(deps: Deps, actor: Caller, batch_no: BatchNo) -> PlainTextResponse:
    await batch_of(deps, batch_no, actor)
    head = await timeline.head(deps.engine, batch_no)
    note = signer_of(deps).note(
        "choujian-head/1", batch_no, str(head.seq), head.hash, head.clock.isoformat(timespec="seconds")
    )
    return PlainTextResponse(note)


def _no_key() -> Problem:
    detail = "系统没有可用的签名密钥，现在不能出具证明。请管理员运行 choujian keys ensure。"
    return Problem(503, "signing_key_missing", detail)
