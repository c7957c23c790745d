"""What is signed beside certificates, and the keys that all of it is signed with."""

from typing import Any

from fastapi import APIRouter, Response
from fastapi.responses import PlainTextResponse

from api.batches import BatchNo, batch_of
from api.web.auth import EveryCaller
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from signing.keys import NoSigningKey
from signing.notes import Signer
from store.ledger import timeline

router = APIRouter()
KEYS_PATH = "/.well-known/choujian-keys.txt"
JWKS_PATH = "/.well-known/jwks.json"
TEXT: dict[int | str, dict[str, Any]] = {200: {"content": {"text/plain": {}}, "description": "文本"}}
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
    response_class=Response,
    responses={**TEXT, **documented(503)},
)
async def show_keys(deps: Deps) -> PlainTextResponse:
    try:
        return PlainTextResponse(deps.keyring.published(), headers=_PUBLIC)
    except NoSigningKey:
        raise _no_key() from None


@router.get(
    JWKS_PATH,
    tags=["公开信息"],
    summary="签名所用的公钥（JWKS）",
    description=f"与 `{KEYS_PATH}` 相同的公钥，写成 JWK（RFC 8037）；"
    "`from`、`until` 是各自使用的首日和末日（北京时间）。",
    responses=documented(503),
)
async def show_jwks(deps: Deps, response: Response) -> dict[str, list[dict[str, Any]]]:
    response.headers.update(_PUBLIC)
    try:
        return {"keys": [one.as_jwk() for one in deps.keyring.known()]}
    except NoSigningKey:
        raise _no_key() from None


@router.get(
    "/batches/{batch_no}/timeline/head.txt",
    tags=["批次"],
    summary="全程记录的末条，有签名",
    description="批次编号、末条序号、末条摘要和时间，是一份有签名的文本。留存它，此前的记录其后有改动即可查出。",
    response_class=Response,
    responses={**TEXT, **documented(401, 404, 422, 503)},
)
async def show_head(deps: Deps, actor: EveryCaller, batch_no: BatchNo) -> PlainTextResponse:
    await batch_of(deps, batch_no, actor)
    head = await timeline.head(deps.engine, batch_no)
    # A batch that has just been ordered has no line yet.
    said = (str(head.seq), head.hash or "-", head.clock.isoformat(timespec="seconds"))
    return PlainTextResponse(signer_of(deps).note("choujian-head/1", batch_no, *said))


def _no_key() -> Problem:
    detail = "系统没有可用的签名密钥，现在不能出具证明。请管理员运行 choujian keys ensure。"
    return Problem(503, "signing_key_missing", detail)
