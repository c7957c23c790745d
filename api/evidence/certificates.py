"""The certificate of a disposal, as it is opened."""

import asyncio
from collections.abc import Sequence
from typing import Annotated
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Response

from api.batches import BatchNo, batch_of
from api.documents import PDF
from api.web.auth import BUREAU, only_everywhere
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from evidence.kinds import form_served_as
from evidence.objects import UNREADABLE, PlaceAway, SealedFiles, size_there
from law.vocabulary import Term
from letters.disposals import TITLE
from messages.base import Actor
from messages.disposal import DisposalCertificate
from messages.letter import LetterFaulty
from messages.words import EVIDENCE
from store.evidence import certificates
from store.evidence.certificates import Disposed
from store.ledger import batches

router = APIRouter(tags=["证据"])


# How long the whole is kept, and what was disposed of, is no laboratory's matter (decision 51).
Reader = Annotated[Actor, Depends(only_everywhere(BUREAU, "查看证据的保存和处置"))]


def address_of(batch_no: str, nth: int) -> str:
    return f"/batches/{batch_no}/evidence/disposal/{nth}.pdf"


@router.get(
    "/batches/{batch_no}/evidence/disposal/{nth}.pdf",
    summary="证据销毁证明（PDF/A）",
    response_class=Response,
    responses={
        200: {"content": {PDF: {}}, "description": "证据销毁证明；同一次处置的证明每次相同"},
        **documented(401, 403, 404, 409, 422, 503),
    },
)
async def open_certificate(
    deps: Deps,
    actor: Reader,
    batch_no: BatchNo,
    nth: Annotated[int, Path(title="本批次的第几次处置", ge=1, le=1000, examples=[1])],
) -> Response:
    """所处置的文件、保管的经过、提出人和批准人。密文尚未从存放处删除的，答复 409：删除之后方出具证明。"""
    await batch_of(deps, batch_no, actor)
    found = await certificates.disposed(deps.engine, batch_no, nth)
    places = await deps.evidence.everywhere()
    if await deps.evidence.in_thread(_lies_there, places, found.evidence_ids):
        detail = "密钥已经销毁，密文尚未从各存放处删除；系统会自行完成，存放处连通后至迟一小时出具证明。"
        raise Problem(409, "disposal_unfinished", detail)
    certificate = await _certificate(deps, batch_no, found)
    try:
        pdf = await asyncio.to_thread(deps.typesetter.disposal, certificate)
    except LetterFaulty as fault:
        raise Problem(409, "letter_faulty", f"{fault}。") from None
    name = quote(f"{TITLE}（{found.facts.number}）.pdf")
    disposition = f"inline; filename*=UTF-8''{name}"
    return Response(pdf, media_type=PDF, headers={"Content-Disposition": disposition})


async def _certificate(deps: Runtime, batch_no: str, found: Disposed) -> DisposalCertificate:
    """What the batch was opened under says by which rule its evidence was kept."""
    regulation = (await batches.opening_of(deps.engine, batch_no)).regulation
    term = regulation.terms[Term.EVIDENCE_KEPT]
    assert term.amount is not None
    return DisposalCertificate(
        batch_no=batch_no,
        facts=found.facts,
        approved_by=found.approved_by,
        approved_at=found.approved_at,
        seq=found.seq,
        line_hash=found.line_hash,
        kinds={one.media_type: EVIDENCE[form_served_as(one.media_type).kind] for one in found.facts.files},
        bureau=regulation.bureaus.municipal_bureau,
        regulation=regulation.title,
        rests_on=term.rests_on,
        years=term.amount,
    )


def _lies_there(places: Sequence[SealedFiles], evidence_ids: tuple[UUID, ...]) -> bool:
    """Whether one lies anywhere yet, or a place does not say."""
    try:
        for place in places:
            place.require_there()
            if any(size_there(place, evidence_id) is not None for evidence_id in evidence_ids):
                return True
    except (PlaceAway, *UNREADABLE):
        return True
    return False
