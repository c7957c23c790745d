"""The page behind a letter's QR code: is this letter ours, does our record still bear it out. Open to all."""

from html import escape
from typing import Annotated

from fastapi import APIRouter, Path, Query
from fastapi.responses import HTMLResponse
from pydantic import AfterValidator

from api.body import storable
from api.runtime import Deps
from law.calendar import day_in_shanghai
from letters.words import chinese_day
from store import letters
from store.letters import Proof

router = APIRouter()
# Nothing of this page is fetched from elsewhere, and nothing in it runs.
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex",
}
_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{heading} · 文书核验</title>
<style>
body {{ margin: 0; font: 16px/1.7 system-ui, sans-serif; color: #1a1a1a; background: #f5f5f3 }}
main {{ max-width: 40rem; margin: 2rem auto; padding: 1.5rem; background: #fff }}
main {{ border-top: 6px solid {colour} }}
h1 {{ margin: 0 0 1rem; font-size: 1.5rem; color: {colour} }}
dt {{ color: #595959 }}
dd {{ margin: 0 0 .75rem; overflow-wrap: anywhere }}
</style>
</head>
<body>
<main>
<h1>{heading}</h1>
{body}
</main>
</body>
</html>
"""
_GREEN, _RED = "#1a6b35", "#b3261e"


# A page for people, not a call: like /docs it is not in the OpenAPI document.
@router.get("/verify/{document_id}", include_in_schema=False)
async def verify(
    deps: Deps,
    document_id: Annotated[str, Path(title="文书编号", max_length=200), AfterValidator(storable)],
    code: Annotated[str, Query(title="核验码", max_length=100), AfterValidator(storable)] = "",
) -> HTMLResponse:
    """Kind, number, day, batch, digests, whether corrected since; 404 for whoever holds no letter of ours."""
    proof = await letters.proof(deps.engine, document_id, code)
    if proof is None:
        body = "<p>没有与文书编号、核验码相符的文书。请核对文书上的编号和核验码；仍不符的，请与本局联系。</p>"
        return _page(404, "核验不通过", _RED, body)
    if proof.faults:
        body = f"<p>{escape('；'.join(proof.faults))}。请与本局联系，不要依据该文书办理。</p>"
        return _page(404, "核验不通过", _RED, body)
    if proof.corrected_by:
        return _page(200, "文书真实，但已更正", _RED, _particulars(proof))
    return _page(200, "文书真实有效", _GREEN, _particulars(proof))


def _particulars(proof: Proof) -> str:
    rows = [
        ("文书名称", proof.title),
        ("文号", proof.number),
        ("制作日期", chinese_day(day_in_shanghai(proof.created_at))),
        ("抽检批次", proof.batch_no),
        ("所载内容的 SHA-256 摘要", proof.sha256),
        ("版式文件（PDF）的 SHA-256 摘要", proof.pdf_sha256 or "版式文件尚未固定"),
        *(
            ("更正文书", f"{later.number}（{chinese_day(day_in_shanghai(later.created_at))}）")
            for later in proof.corrected_by
        ),
    ]
    shown = "\n".join(f"<dt>{escape(title)}</dt><dd>{escape(value)}</dd>" for title, value in rows)
    return f"<dl>\n{shown}\n</dl>"


def _page(status: int, heading: str, colour: str, body: str) -> HTMLResponse:
    return HTMLResponse(_PAGE.format(heading=heading, colour=colour, body=body), status, _HEADERS)
