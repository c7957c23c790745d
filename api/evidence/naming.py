"""Which of the evidence that a step names its batch does not have; no step is refused for it."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from messages.evidence import EvidenceNotKept, named_in
from store.evidence import kept


async def not_kept(engine: AsyncEngine, batch_no: str, body: dict[str, Any]) -> tuple[EvidenceNotKept, ...]:
    """In the order in which the body names them, each digest once."""
    named = {one.sha256: one for one in reversed(list(named_in(body)))}
    findings = await kept.not_kept(engine, batch_no, list(named))
    return tuple(
        EvidenceNotKept(sha256=sha256, reference=one.reference, finding=findings[sha256])
        for sha256, one in reversed(named.items())
        if sha256 in findings
    )
