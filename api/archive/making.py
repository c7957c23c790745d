"""The files of a case's archive, one after the other: each is read when the one before has gone out."""

import json
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from importlib.resources import files
from typing import Any

from api.archive import names
from api.archive.page import Archived, CertifiedDeadline, File, Piece, Told, explanation, timeline_page
from api.archive.zipping import Member, ZipStream
from api.certificates.page import page_of
from api.views import batch_view
from api.web.runtime import Runtime
from evidence.keyring import NoRootKey
from evidence.objects import ObjectMissing
from evidence.profiles import SealBroken
from law.regulation import Regulation
from messages.base import Actor
from messages.letter import LetterFaulty
from messages.records import TimelineKind
from proof.certificates.composing import certificate_of
from proof.certificates.models import SignedCertificate
from proof.certificates.signing import signed
from proof.periods import periods_of
from signing.notes import Signer
from store.canonical import instant
from store.documents import letters
from store.evidence import kept
from store.evidence.kept import KeptEvidence
from store.reads import read_model
from store.reads.on_record import Record, record_of

_log = logging.getLogger(__name__)
_NOT_READ = (ObjectMissing, SealBroken, NoRootKey)
_DISPOSED = "已经依规定处置，只保留摘要和记录，见全程记录"
_DAMAGED = "存放的文件缺失或者被改动，与入库时的摘要不符"


@dataclass
class CaseArchive:
    """One case as it stands, for ``actor``; ``fixes``: whether a letter nobody has opened is fixed by it."""

    deps: Runtime
    signer: Signer
    batch_no: str
    actor: Actor
    fixes: bool
    _letters: list[File] = field(default_factory=list)
    _certificates: list[CertifiedDeadline] = field(default_factory=list)
    _pieces: list[Piece] = field(default_factory=list)

    async def members(self, stream: ZipStream) -> AsyncIterator[Member]:
        """All of them, the list of what has gone out by ``stream`` and its signature last."""
        async for member in self._typeset():
            yield member
        # After the letters: that one was fixed by this is on the record then.
        record = await record_of(self.deps.engine, self.batch_no)
        for member in self._record(record):
            yield member
        async for member in self._certified(record):
            yield member
        for member in self._to_check_with():
            yield member
        async for member in self._evidence(record):
            yield member
        yield _text(names.PAGE, explanation(self._archived(record)))
        listed = "".join(f"{digest}  {name}\n" for name, digest in stream.digests.items())
        yield _text(names.LIST, listed)
        digest = stream.digests[names.LIST]
        note = self.signer.note(
            "choujian-archive/1", self.batch_no, f"sha256:{digest}", instant(record.clock)
        )
        yield _text(names.SIGNATURE, note)

    async def _typeset(self) -> AsyncIterator[Member]:
        """Each letter as it is kept; of one that cannot be printed what it would say."""
        view = await read_model.batch(self.deps.engine, self.batch_no)
        made = [one for one in batch_view(view).documents if one.number is not None]
        for number, document in enumerate(made, 1):
            named = f"{document.title}（{document.number}）{document.recipient_name}"
            file = names.numbered(names.LETTERS, number, f"{named}.pdf")
            fault = None
            try:
                opened = await letters.opened(
                    self.deps.engine, document.document_id, self.deps.typesetter, keep=self.fixes
                )
                yield Member(file, opened.pdf)
            except LetterFaulty as error:
                fault, file = error.reason, names.numbered(names.LETTERS, number, f"{named}.json")
                yield _json(file, document.model_dump(mode="json"))
            self._letters.append(File(file, document, fault))

    def _record(self, record: Record) -> list[Member]:
        """The timeline to be computed with and to be read, and its end as it stands, signed."""
        # One that has just been ordered has no line yet.
        head = (str(record.last_seq), record.last_hash or "-", instant(record.clock))
        return [
            _json(names.TIMELINE, {"batch_no": self.batch_no, "lines": record.chain}),
            _text(names.TIMELINE_PAGE, timeline_page(record)),
            _text(names.HEAD, self.signer.note("choujian-head/1", self.batch_no, *head)),
        ]

    async def _certified(self, record: Record) -> AsyncIterator[Member]:
        """A certificate of each deadline, as it is handed out and as it is printed."""
        readings = Regulation.model_validate(record.regulation).readings
        waits = [
            wait_id for wait_id, times in periods_of(record.lines, readings).items() if times[-1].in_force
        ]
        included = await self.deps.trees.inclusion(self.batch_no)
        for number, wait_id in enumerate(waits, 1):
            certificate = signed(certificate_of(record, wait_id), self.signer, included)
            file = names.numbered(names.CERTIFICATES, number, f"{certificate.wait.title}.json")
            yield _text(file, certificate.model_dump_json(indent=1))
            page = f"{file.removesuffix('json')}html"
            yield _text(page, self._printed(certificate))
            self._certificates.append(CertifiedDeadline(file, page, certificate))

    def _printed(self, certificate: SignedCertificate) -> str:
        return page_of(certificate, self.signer.public, self.deps.settings.public_address)

    def _to_check_with(self) -> list[Member]:
        """The public keys, and two programs that share nothing with this one."""
        verifier = files("verify")
        return [
            _text(names.KEYS, self.deps.keyring.published()),
            Member(names.VERIFIER, (verifier / "certificate.py").read_bytes()),
            Member(names.CHECKER, (verifier / "archive.py").read_bytes()),
        ]

    async def _evidence(self, record: Record) -> AsyncIterator[Member]:
        """What was on record by then; a file that cannot be read whole is told of, and holds up nothing."""
        on_record = {
            line.data["evidence_id"] for line in record.lines if line.kind is TimelineKind.EVIDENCE_RECEIVED
        }
        found = await kept.of_batch(self.deps.engine, self.batch_no)
        for number, one in enumerate((one for one in found if str(one.evidence_id) in on_record), 1):
            piece = Piece(names.numbered(names.EVIDENCE, number, one.filename), one)
            if one.is_disposed:
                self._pieces.append(replace(piece, file=None, missing=_DISPOSED))
                continue
            opened = self.deps.evidence.opened(one, 0, one.size)
            try:
                first = await anext(opened)
            except _NOT_READ as error:
                self._pieces.append(replace(piece, file=None, missing=_said(one, error)))
                continue
            reading = _Reading(one, first, opened)
            yield Member(piece.file or "", reading.pieces(), one.size)
            self._pieces.append(replace(piece, missing=reading.missing))
        yield _json(names.EVIDENCE_LIST, {"evidence": [piece.as_json for piece in self._pieces]})

    def _archived(self, record: Record) -> Archived:
        return Archived(
            record=record,
            told=Told(self.actor, self.signer.public, self.deps.settings.public_address),
            letters=tuple(self._letters),
            certificates=tuple(self._certificates),
            evidence=tuple(self._pieces),
        )


@dataclass
class _Reading:
    """A file on its way out; ``missing`` says so where it broke off."""

    one: KeptEvidence
    first: bytes
    rest: AsyncIterator[bytes]
    missing: str | None = None

    async def pieces(self) -> AsyncIterator[bytes]:
        yield self.first
        try:
            async for piece in self.rest:
                yield piece
        except _NOT_READ as error:
            self.missing = f"{_said(self.one, error)}，所附的只是其开头"


def _said(one: KeptEvidence, error: Exception) -> str:
    _log.error("evidence %s of %s cannot be read: %s", one.evidence_id, one.batch_no, type(error).__name__)
    return "证据的根密钥无法读取" if isinstance(error, NoRootKey) else _DAMAGED


def _text(name: str, content: str) -> Member:
    return Member(name, content.encode())


def _json(name: str, content: Any) -> Member:
    return _text(name, json.dumps(content, ensure_ascii=False, indent=1))
