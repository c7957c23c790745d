"""The page behind the QR code of a disposal's certificate: is it ours, what was disposed of. Open to all.

Who holds the certificate knows the beginning of its line's digest. Names of files and of people, which a
photograph of the code would give away, are on the paper alone; a file is known by its digest.
"""

import re
from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Response
from fastapi.responses import HTMLResponse

from api.public.proven import LimitedRoute, digest_row, faulty, genuine, no_such, row, signed_text
from api.web.html import Html
from api.web.runtime import Deps
from evidence.kinds import form_served_as
from law.calendar import chinese_day, day_in_shanghai
from letters.disposals import TITLE, path_of
from messages.disposal import MARK, DisposedFile
from messages.words import EVIDENCE
from store.evidence import certificates
from store.evidence.certificates import ProvenDisposal

# As the page of a letter: for people, not in the OpenAPI document.
router = APIRouter(prefix="/verify/disposal", include_in_schema=False, route_class=LimitedRoute)
# Whatever else is asked for gets the page of what there is not, too.
_BATCH_NO, _SEQ = re.compile(r"[A-Z0-9-]{1,40}"), re.compile(r"[1-9][0-9]{0,8}")
_MARK = re.compile(rf"[0-9a-f]{{{MARK}}}")
_STANDING = (
    "证明真实有效",
    "本局出具了这份证明；所载的处置在批次全程记录中，现存记录与登记时的一致，各件证据的密钥已经销毁。",
    "good",
)


async def _held(
    deps: Deps,
    batch_no: Annotated[str, Path(title="批次编号")],
    seq: Annotated[str, Path(title="全程记录的第几条")],
    mark: Annotated[str, Path(title="该条摘要的开头")],
) -> ProvenDisposal | None:
    """The disposal whose certificate this is, its letters typed from paper in any case."""
    batch_no, mark = batch_no.upper(), mark.lower()
    if not (_BATCH_NO.fullmatch(batch_no) and _SEQ.fullmatch(seq) and _MARK.fullmatch(mark)):
        return None
    return await certificates.proven(deps.engine, batch_no, int(seq), mark)


Held = Annotated[ProvenDisposal | None, Depends(_held)]


# Before the next route, which would take the mark with its ending for one.
@router.get("/{batch_no}/{seq}/{mark}.txt")
async def signed_result(deps: Deps, held: Held) -> Response:
    """What the page says, as a text that the installation has signed."""
    if held is None or held.faults:
        return _failed(held)
    facts = [*_facts(held), *(line for one in _files(held) for line in one)]
    return signed_text(deps, "choujian-disposal/1", facts, _STANDING[1])


@router.get("/{batch_no}/{seq}/{mark}")
async def verify(deps: Deps, held: Held) -> HTMLResponse:
    """The facts of the disposal; 404 for whoever holds no certificate of ours."""
    if held is None or held.faults:
        return _failed(held)
    return genuine(deps, path_of(held.batch_no, held.seq, held.line_hash), _STANDING, _rows(held))


def _failed(held: ProvenDisposal | None) -> HTMLResponse:
    return no_such("没有这样一份证明。") if held is None else faulty(held.faults)


def _rows(held: ProvenDisposal) -> Iterator[Html]:
    for title, value in _facts(held):
        yield row(title, value)
    for file, *digests in _files(held):
        yield row(*file)
        for digest in digests:
            yield digest_row(*digest)
    yield digest_row("该条记录的 SHA-256 摘要", held.line_hash)


def _facts(held: ProvenDisposal) -> Iterator[tuple[str, str]]:
    """What stands on the certificate, to be compared with it."""
    facts = held.facts
    yield "文书名称", TITLE
    yield "文号", facts.number
    yield "抽检批次", held.batch_no
    yield "证据至少保存至", chinese_day(facts.keep_until)
    yield "批准处置的日期", chinese_day(day_in_shanghai(held.approved_at))
    yield "处置的证据", f"{len(facts.files)}件"
    yield "所在的全程记录", f"第{held.seq}条"


def _files(held: ProvenDisposal) -> Iterator[tuple[tuple[str, str], ...]]:
    """Of each file what it is, and then its digests."""
    for number, one in enumerate(held.facts.files, start=1):
        title = f"第{number}件"
        sm3 = [(f"{title}的 SM3 摘要", one.sm3)] if one.sm3 else []
        yield ((title, _file(one)), (f"{title}的 SHA-256 摘要", one.sha256), *sm3)


def _file(one: DisposedFile) -> str:
    kind = EVIDENCE[form_served_as(one.media_type).kind]
    return f"{kind}，{one.size:,}字节，{chinese_day(day_in_shanghai(one.received_at))}入库"
