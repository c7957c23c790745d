"""Evidence that a step names, and what the store has of it."""

from collections.abc import Iterator
from enum import StrEnum
from typing import Any

from pydantic import Field

from messages.base import Evidence, Message, Sha256


class EvidenceFinding(StrEnum):
    """Why a named piece of evidence is not there: no such file, another batch's, still coming in."""

    MISSING = "missing"
    ANOTHER_BATCH = "another_batch"
    NOT_WHOLE = "not_whole"


class EvidenceCondition(StrEnum):
    """How a kept file was when it was read again: not there, not what it was, or there and not readable."""

    WHOLE = "whole"
    MISSING = "missing"
    ALTERED = "altered"
    UNREADABLE = "unreadable"


class EvidenceNotKept(Message):
    """A piece of evidence that a step names and its batch does not have; no step is refused for it."""

    sha256: Sha256 = Field(title="SHA-256 摘要")
    reference: str = Field(title="证据编号")
    finding: EvidenceFinding = Field(
        title="情况：missing 未入库；another_batch 属于其他批次；not_whole 尚未传完"
    )


def named_in(body: Any) -> Iterator[Evidence]:
    """Every piece of evidence in a step's body as it was filed; of a correction also what it puts right."""
    if isinstance(body, dict):
        if body.keys() == Evidence.model_fields.keys():
            yield Evidence.model_construct(**body)
        else:
            for part in body.values():
                yield from named_in(part)
    elif isinstance(body, list):
        for part in body:
            yield from named_in(part)
