"""What the certificate of a disposal says, as its template takes it in."""

from typing import Any

from letters.words import plain
from messages.base import Actor
from messages.disposal import MARK, DisposalCertificate, DisposedFile
from messages.words import ROLES

TITLE = "证据销毁证明"


def said(certificate: DisposalCertificate) -> dict[str, Any]:
    """As the frame of all letters has it."""
    facts = certificate.facts
    return {
        "kind": "disposal",
        "batch_no": certificate.batch_no,
        "number": facts.number,
        "title": TITLE,
        "recipient_name": "",
        "corrects_number": None,
        "fields": {},
        "facts": {
            "bureau": certificate.bureau,
            "regulation": certificate.regulation,
            "rests_on": _section(certificate.rests_on),
            "years": str(certificate.years),
            "keep_until": plain(str(facts.keep_until), "keep_on"),
            "files": [_file(one, certificate.kinds[one.media_type]) for one in facts.files],
            "proposed_by": _who(facts.proposed_by),
            "proposed_at": plain(facts.proposed_at.isoformat(), "proposed_at"),
            "reason": facts.reason,
            "approved_by": _who(certificate.approved_by),
            "approved_at": plain(certificate.approved_at.isoformat(), "approved_at"),
            "seq": str(certificate.seq),
            "line_hash": certificate.line_hash,
        },
    }


def path_of(batch_no: str, seq: int, line_hash: str) -> str:
    """Where whoever holds the certificate of this line is told whether it is ours."""
    return f"/verify/disposal/{batch_no}/{seq}/{line_hash[:MARK]}"


def _section(rests_on: str) -> str:
    return f"第{rests_on[1:]}节" if rests_on.startswith("§") else rests_on.removeprefix("规程")


def _file(one: DisposedFile, kind: str) -> dict[str, Any]:
    kept = "；".join(
        f"{keeping.keeper}（{plain(keeping.since.isoformat(), 'since_at')}起）" for keeping in one.keepers
    )
    return {
        "filename": one.filename,
        "kind": kind,
        "size": f"{one.size:,}",
        "sha256": one.sha256,
        "sm3": one.sm3,
        "received_at": plain(one.received_at.isoformat(), "received_at"),
        "kept": f"保管人：{kept}",
    }


def _who(actor: Actor) -> str:
    return f"{actor.name}（{ROLES[actor.role]}，账号{actor.sub}）"
