"""The pages of an archive: what is in it and how all of it is checked without us, and the record to be read.

Plain HTML, opened from a folder: no script, nothing loaded from anywhere.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any
from urllib.parse import quote

from api.archive import names
from api.certificates.wording import moment, person
from api.evidence.views import evidence_view
from api.views import DocumentView
from api.web.html import Html, html
from messages.base import Actor
from messages.words import DOCUMENT_STATUSES, EVIDENCE, OUTCOMES, PHASES
from proof.certificates.models import SignedCertificate
from signing.notes import PublicKey
from store.evidence.kept import KeptEvidence
from store.reads.on_record import Record

_CSS = Html((files("api.archive") / "page.css").read_text("utf-8"))
_EXPLAINED = Html((files("api.archive") / "explanation.html").read_text("utf-8"))
_PAGE = """<!doctype html>
<html lang="zh-CN">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>
{css}</style>
</head>
<body>
{body}</body>
</html>
"""
_RECORD = """<header><p class="bureau">{bureau}</p><h1>全程记录</h1>
<p>批次 {title}；共{count}条，每条的摘要之中含有前一条的摘要，全文见同一文件夹的 JSON 文件。</p></header>
{table}
"""
_LINK = '<a href="{address}">{text}</a>'
_DIGEST = '<code class="digest">{digest}</code>'
_ROW = "<tr>{cells}</tr>"
_CELL = "<td>{content}</td>"
_TABLE = """<table class="{kind}"><thead><tr>{heads}</tr></thead><tbody>
{rows}</tbody></table>
"""


@dataclass(frozen=True)
class File:
    """A letter; ``fault`` is why it could not be printed, what it would say lies in its place then."""

    file: str
    document: DocumentView
    fault: str | None


@dataclass(frozen=True)
class CertifiedDeadline:
    """A deadline's certificate, and the same as a page to print."""

    file: str
    page: str
    certificate: SignedCertificate


@dataclass(frozen=True)
class Piece:
    """A piece of evidence; ``missing`` is why its file is not in the archive, or not whole."""

    file: str | None
    one: KeptEvidence
    missing: str | None = None

    @property
    def as_json(self) -> dict[str, Any]:
        known = evidence_view(self.one).model_dump(mode="json", exclude={"content"})
        beside = {"evidence_id": str(self.one.evidence_id), "file": self.file}
        return {**known, **beside, "whole": self.missing is None, "missing": self.missing}


@dataclass(frozen=True)
class Told:
    """For whom the archive is made, whose word it is, and where that is published."""

    actor: Actor
    key: PublicKey
    public_url: str


@dataclass(frozen=True)
class Archived:
    """What is in an archive."""

    record: Record
    told: Told
    letters: tuple[File, ...]
    certificates: tuple[CertifiedDeadline, ...]
    evidence: tuple[Piece, ...]


def explanation(archived: Archived) -> str:
    """What is in the archive, and how to check it."""
    record, told = archived.record, archived.told
    snapshot = record.snapshot
    stands = OUTCOMES[snapshot.outcome] if snapshot.outcome else PHASES[snapshot.phase]
    missing = sum(piece.missing is not None for piece in archived.evidence)
    body = html(
        _EXPLAINED,
        bureau=_bureau(record),
        batch=snapshot.title,
        batch_no=record.batch_no,
        stands=stands,
        at=moment(record.clock),
        by=person(told.actor.model_dump()),
        key=told.key,
        key_id=told.key.id,
        key_name=told.key.name,
        keys_at=f"{told.public_url.rstrip('/')}/.well-known/choujian-keys.txt",
        lines=record.last_seq,
        head=record.last_hash,
        letters=_letters(archived.letters),
        letters_count=len(archived.letters),
        certificates=_certificates(archived.certificates),
        certificates_count=len(archived.certificates),
        evidence=_evidence(archived.evidence),
        evidence_count=len(archived.evidence),
        missing=f"，其中{missing}件没有完整的文件，原因见下表" if missing else "",
        record=_link(names.TIMELINE_PAGE, "全程记录"),
    )
    return _page(f"案卷 {record.batch_no}", body)


def timeline_page(record: Record) -> str:
    """The record to be read: who did what, when, on what rule."""
    rows = [
        (line["seq"], moment(line["at"]), person(line["actor"]), line["text"], line["rests_on"])
        for line in record.chain
    ]
    table = _table(("序号", "时间", "经办", "内容", "依据"), rows, "lines")
    body = html(
        _RECORD, bureau=_bureau(record), title=record.snapshot.title, count=record.last_seq, table=table
    )
    return _page(f"全程记录 {record.batch_no}", body)


def _letters(letters: Sequence[File]) -> Html:
    rows = (
        (
            _link(one.file, str(one.document.title)),
            one.document.number or "",
            one.document.recipient_name,
            DOCUMENT_STATUSES[one.document.status]
            + (f"；没有版式文件（{one.fault}），所附为其内容" if one.fault else ""),
        )
        for one in letters
    )
    return _table(("文书", "文号", "受送达人", "状态"), rows) if letters else Html("<p>没有文书。</p>")


def _certificates(certificates: Sequence[CertifiedDeadline]) -> Html:
    rows = (
        (
            _link(one.page, one.certificate.wait.title),
            one.certificate.wait.holder,
            one.certificate.count.last_day,
            one.certificate.decision.title,
            _link(one.file, "供核验的 JSON"),
        )
        for one in certificates
    )
    heads = ("期限", "权利人或责任人", "届满日", "结论", "证明")
    return _table(heads, rows, "deadlines") if certificates else Html("<p>没有期限。</p>")


def _evidence(evidence: Sequence[Piece]) -> Html:
    rows = []
    for piece in evidence:
        one = piece.one
        named = _link(piece.file, one.filename) if piece.file else one.filename
        said = html("{named}<br><strong>{missing}</strong>", named=named, missing=piece.missing)
        kind = EVIDENCE[evidence_view(one).kind]
        kept = f"{one.keeper}；{moment(one.received_at)}由{one.uploaded_by.name}上传"
        digest = html(_DIGEST, digest=one.sha256)
        rows.append((said if piece.missing else named, kind, f"{one.size:,}", kept, digest))
    heads = ("证据", "类型", "字节", "保管人和入库", "入库时的 SHA-256")
    return _table(heads, rows, "evidence") if rows else Html("<p>没有入库的证据。</p>")


def _table(heads: Iterable[str], rows: Iterable[Sequence[object]], kind: str = "") -> Html:
    return html(
        _TABLE,
        kind=kind,
        heads=[html("<th>{one}</th>", one=one) for one in heads],
        rows=[html(_ROW, cells=[html(_CELL, content=cell) for cell in row]) for row in rows],
    )


def _link(name: str, text: str) -> Html:
    return html(_LINK, address=quote(name), text=text)


def _bureau(record: Record) -> str:
    return str(record.regulation["bureaus"]["municipal_bureau"])


def _page(title: str, body: Html) -> str:
    return html(_PAGE, title=title, css=_CSS, body=body)
