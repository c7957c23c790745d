"""Which of the evidence that a step names its batch does not have; no step is refused for it."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from messages.evidence import EvidenceNotKept, named_in
from store.evidence import kept


async def not_kept(
    engine: AsyncEngine, batch_no: str, bodies: Sequence[dict[str, Any]]
) -> list[tuple[EvidenceNotKept, ...]]:
    """Of each step's body, in the order in which it names them, each digest once."""
    named = [{one.sha256: one for one in reversed(list(named_in(body)))} for body in bodies]
    findings = await kept.not_kept(engine, batch_no, list({sha256 for of in named for sha256 in of}))
    return [
        tuple(
            EvidenceNotKept(sha256=sha256, reference=one.reference, finding=findings[sha256])
            for sha256, one in reversed(of.items())
            if sha256 in findings
        )
        for of in named
    ]
