"""Documents: what one says, and the letter as it is opened."""

from typing import Annotated, Any
from urllib.parse import quote

from fastapi import APIRouter, Path, Request, Response
from pydantic import Field

from api.batches import A_PART, BatchNo, Cursor, PartLimit, batch_of, fixes_letters
from api.views import DocumentView, batch_view
from api.web.auth import EveryCaller
from api.web.paging import next_link
from api.web.problems import Problem, documented
from api.web.reading import seen
from api.web.runtime import Deps, Runtime
from messages.base import Actor
from messages.letter import LetterFaulty
from store.documents import letters
from store.errors import BatchUnknown, CursorInvalid, DocumentUnknown
from store.reads import read_model
from store.reads.pages import after, page_of

router = APIRouter(tags=["文书"])
PDF = "application/pdf"

DocumentId = Annotated[
    str,
    Path(title="文书编号", max_length=200, examples=["CJ2026-000001-result_notice-seller-1"]),
]


class LetterView(DocumentView):
    """A document, with what its letter adds: further facts, and the address that verifies it."""

    batch_no: str = Field(title="批次编号")
    facts: dict[str, Any] = Field(title="行文所需的其他事实")
    verification_url: str = Field(title="核验地址，即文书上的二维码")


@router.get("/batches/{batch_no}/documents", summary="批次的文书", responses=documented(401, 404, 422, 503))
async def list_documents(
    request: Request,
    response: Response,
    deps: Deps,
    actor: EveryCaller,
    batch_no: BatchNo,
    limit: PartLimit = A_PART,
    cursor: Cursor = None,
) -> tuple[DocumentView, ...]:
    """按制作的先后；每件有文号、受送达人、所载内容及其摘要、发出和送达的情况。下一页见 `Link` 头。"""
    documents = batch_view(await batch_of(deps, batch_no, actor)).documents
    last = after(cursor, "last")["last"]
    ids = [one.document_id for one in documents]
    if last is not None and last not in ids:
        raise CursorInvalid
    start = 0 if last is None else ids.index(last) + 1
    page = page_of(documents[start:], limit, lambda one: one, lambda one: [one.document_id])
    response.headers.update(next_link(request, page.next_cursor))
    return page.items


# Before the next route, whose pattern would take the name with its ending for a document.
@router.get(
    "/documents/{document_id}.pdf",
    summary="文书的版式文件（PDF/A）",
    response_class=Response,
    responses={
        200: {"content": {PDF: {}}, "description": "版式文件；第一次打开或者以邮件发出时固定，此后不再改变"},
        **documented(401, 404, 409, 422, 503),
    },
)
async def open_letter(deps: Deps, actor: EveryCaller, document_id: DocumentId) -> Response:
    """公文版式的文书。含有无法印出的字符时答复 409，指明是哪一个字符。"""
    document, _ = await _document_of(deps, document_id, actor)
    try:
        letter = await letters.opened(deps.engine, document_id, deps.typesetter, keep=fixes_letters(actor))
    except LetterFaulty as fault:
        raise Problem(409, "letter_faulty", f"{fault}。") from None
    name = quote(f"{document.title}（{document.number}）.pdf")
    return Response(
        letter.pdf,
        media_type=PDF,
        headers={
            "Content-Disposition": f"inline; filename*=UTF-8''{name}",
            "ETag": f'"{letter.sha256}"',
        },
    )


@router.get("/documents/{document_id}", summary="一件文书", responses=documented(401, 404, 422, 503))
async def show_document(deps: Deps, actor: EveryCaller, document_id: DocumentId) -> LetterView:
    """文号、受送达人、所载内容和摘要；版式文件在本地址后加 `.pdf`。"""
    document, batch_no = await _document_of(deps, document_id, actor)
    facts = await letters.facts(deps.engine, document_id)
    return LetterView(
        **dict(document),
        batch_no=batch_no,
        facts=facts.facts,
        verification_url=deps.typesetter.verification_url(facts),
    )


async def _document_of(deps: Runtime, document_id: str, actor: Actor) -> tuple[DocumentView, str]:
    """The document and its batch, if this caller may know of the batch; it need not have left yet."""
    batch_no = await read_model.batch_of_document(deps.engine, document_id)
    seen([batch_no])
    try:
        view = await batch_of(deps, batch_no, actor)
    except BatchUnknown:
        raise DocumentUnknown(document_id) from None
    found = [d for d in batch_view(view).documents if d.document_id == document_id]
    if not found:
        raise DocumentUnknown(document_id)
    return found[0], batch_no
