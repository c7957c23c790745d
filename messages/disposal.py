"""What the record says of evidence that was disposed of, and what its certificate is typeset from."""

from datetime import date

from pydantic import Field

from messages.base import Actor, Instant, Message

# So many characters of its line's digest are in a certificate's address: nobody finds them by trying.
MARK = 32


class KeptSince(Message):
    """Who kept a file from when on."""

    keeper: str
    since: Instant


class DisposedFile(Message):
    """A file whose key is gone; ``keepers`` one after the other."""

    filename: str
    media_type: str
    size: int
    sha256: str
    sm3: str | None = None
    received_at: Instant
    keepers: tuple[KeptSince, ...]


class DisposalFacts(Message):
    """What the line of the timeline carries; who approved it and when the line says itself."""

    number: str = Field(description="of the certificate")
    reason: str
    keep_until: date
    proposed_by: Actor
    proposed_at: Instant
    files: tuple[DisposedFile, ...]


class DisposalCertificate(Message):
    """A disposal as it is on record: line ``seq`` of the batch's timeline, whose digest is ``line_hash``.

    ``kinds``: each media type in words; ``years``: how long evidence is kept by the rule it ``rests_on``.
    """

    batch_no: str
    facts: DisposalFacts
    approved_by: Actor
    approved_at: Instant
    seq: int
    line_hash: str
    kinds: dict[str, str]
    bureau: str
    regulation: str
    rests_on: str
    years: int
