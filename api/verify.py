"""The page behind a letter's QR code: is this letter ours, does our record still bear it out. Open to all."""

from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse

from api.public.frame import HEADERS, frame
from api.web.html import Html, html
from api.web.runtime import Deps
from law.calendar import day_in_shanghai
from letters.words import chinese_day
from messages.storable import is_storable
from store.documents import letters
from store.documents.letters import Proof

router = APIRouter()
# Who holds the letter reads it now; nobody keeps it or finds it.
_HEADERS = {**HEADERS, "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
_FAILED = """<article aria-label="核验结果"><p class="verdict bad">{said}</p>
<p>{then}</p></article>
"""
_PROOF = """<article aria-label="核验结果"><p class="verdict {look}">{said}</p>
<p>{then}</p>
<dl>{rows}</dl></article>
"""
_ROW = "<div><dt>{title}</dt><dd>{value}</dd></div>"
_DIGEST = '<div><dt>{title}</dt><dd class="digest">{value}</dd></div>'
_COMPARE = "请将下列内容与您手中的文书逐项核对；有不一致的，请与本局联系，不要依据该文书办理。"
_NO_SUCH = "没有与文书编号、核验码相符的文书。"
_CHECK = "请核对文书上的编号和核验码；仍不符的，请与本局联系。"


# A page for people, not a call: like /docs it is not in the OpenAPI document.
@router.get("/verify/{document_id}", include_in_schema=False)
async def verify(
    deps: Deps,
    document_id: Annotated[str, Path(title="文书编号")],
    code: Annotated[str, Query(title="核验码")] = "",
) -> HTMLResponse:
    """Kind, number, day, batch, digests, whether corrected since; 404 for whoever holds no letter of ours."""
    proof = await letters.proof(deps.engine, document_id, code) if _can_be(document_id, code) else None
    if proof is None:
        return _page(404, "核验不通过", html(_FAILED, said=_NO_SUCH, then=_CHECK))
    if proof.faults:
        faults = f"{'；'.join(proof.faults)}。"
        then = "请与本局联系，不要依据该文书办理。"
        return _page(404, "核验不通过", html(_FAILED, said=faults, then=then))
    if proof.corrected_by:
        said = "本局制作过这份文书，其后已经更正，请以更正后的文书为准。"
        return _page(200, "文书真实，但已更正", _particulars(proof, "bad", said))
    said = "本局制作了这份文书，现存记录与制作时登记的一致。"
    return _page(200, "文书真实有效", _particulars(proof, "good", said))


def _can_be(document_id: str, code: str) -> bool:
    """Whatever cannot stand in a letter is answered like any other wrong code."""
    named = document_id + code
    return len(named) <= 300 and is_storable(named)


def _particulars(proof: Proof, look: str, said: str) -> Html:
    later = [f"{one.number}（{chinese_day(day_in_shanghai(one.created_at))}）" for one in proof.corrected_by]
    rows = [
        *(html(_ROW, title="更正文书", value=one) for one in later),
        html(_ROW, title="文书名称", value=proof.title),
        html(_ROW, title="文号", value=proof.number),
        html(_ROW, title="制作日期", value=chinese_day(day_in_shanghai(proof.created_at))),
        html(_ROW, title="抽检批次", value=proof.batch_no),
        html(_DIGEST, title="所载内容的 SHA-256 摘要", value=proof.sha256),
        html(_DIGEST, title="版式文件（PDF）的 SHA-256 摘要", value=proof.pdf_sha256)
        if proof.pdf_sha256
        else html(_ROW, title="版式文件（PDF）的 SHA-256 摘要", value="版式文件尚未固定"),
    ]
    return html(_PROOF, look=look, said=said, then=_COMPARE, rows=rows)


def _page(status: int, heading: str, body: Html) -> HTMLResponse:
    return frame(None, heading, body, status, name=f"{heading}，文书核验", headers=_HEADERS)
