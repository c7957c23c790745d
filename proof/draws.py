"""What the record proves of random draws: what is signed of each line, and whether all still fits it."""

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from law.draw import DrawRefused, drawn, frozen_list
from messages.draws import (
    MADE,
    CandidatePassed,
    DrawContent,
    DrawEvent,
    DrawEventKind,
    DrawnFromSeed,
    ListFrozen,
    SeedSource,
    UnsignedDrawEvent,
)
from signing import draws as signed
from signing.keys import KnownKey
from signing.notes import NoteFaulty, PublicKey, Signer
from store.canonical import canonical, instant, sha256
from store.draws.standing import DrawOnRecord, candidates_of

_FIXED = {
    "list_sha256": "候选名单",
    "number": "抽取数量",
    "seed_source": "种子来源",
    "method": "抽取方法",
    "content_sha256": "内容",
}


def sealed_with(signer: Signer) -> Callable[[UnsignedDrawEvent], str]:
    """Makes the signed note of a line."""
    return lambda event: signer.note(*note_lines(event))


def note_lines(event: UnsignedDrawEvent) -> tuple[str, ...]:
    """What is signed of a line of the record; no person's name, for it is published."""
    record = {
        **{"no": event.no, "draw_id": event.draw_id, "kind": event.kind, "at": instant(event.at)},
        **{"by": event.by.model_dump(mode="json"), "said": event.said, "approval_no": event.approval_no},
    }
    return signed.lines(
        event.draw_id,
        no=event.no,
        kind=event.kind,
        at=instant(event.at),
        before=event.before,
        told=_told(event.kind, event.said),
        record=sha256(canonical(record)),
    )


def _told(kind: DrawEventKind, said: dict[str, Any]) -> tuple[str, ...]:
    if kind is DrawEventKind.FROZEN:
        frozen = ListFrozen.model_validate(said)
        return (
            f"list {frozen.list_sha256}",
            f"content {frozen.content_sha256}",
            f"candidates {frozen.candidates}",
            f"weight {frozen.weight}",
            f"number {frozen.number}",
            f"method {frozen.method}",
            *_seed_lines(frozen.seed_source),
        )
    if kind in MADE:
        made = DrawnFromSeed.model_validate(said)
        return (f"seed {made.seed}", *(f"drawn {id_}" for id_ in made.drawn))
    if kind is DrawEventKind.SKIPPED:
        passed = CandidatePassed.model_validate(said)
        return (f"skipped {passed.id}", f"next {passed.next or '-'}")
    return ()


def _seed_lines(source: SeedSource) -> tuple[str, ...]:
    return (
        f"seed-from {source.what}",
        f"seed-at {source.where}",
        f"seed-when {instant(source.announced_at)}",
    )


def as_frozen(content: DrawContent) -> ListFrozen:
    """What is put on record and published of a draw before its seed is known."""
    candidates = candidates_of(content)
    return ListFrozen(
        content_sha256=sha256(canonical(content.model_dump(mode="json"))),
        list_sha256=hashlib.sha256(frozen_list(candidates)).hexdigest(),
        candidates=len(candidates),
        weight=sum(one.weight for one in candidates),
        number=content.number,
        method=content.method,
        seed_source=content.seed_source,
    )


def faults_of(draw: DrawOnRecord, keys: Sequence[KnownKey]) -> tuple[str, ...]:
    """What of a draw does not fit what was signed, in Chinese sentences; none where all is as it was."""
    public = [one.key for one in keys]
    found = [sentence for event in draw.events if (sentence := _fault(event, public))]
    frozen = draw.event(DrawEventKind.FROZEN)
    if frozen is not None:
        signed_for, now = ListFrozen.model_validate(frozen.said), as_frozen(draw.content)
        for name, title in _FIXED.items():
            if getattr(now, name) != getattr(signed_for, name):
                found.append(f"{draw.id} 的{title}与冻结时签名的不符")
    elif draw.events and any(one.kind is not DrawEventKind.ENDED for one in draw.events):
        found.append(f"{draw.id} 缺少冻结的记录")
    return tuple(found)


def _fault(event: DrawEvent, keys: Sequence[PublicKey]) -> str | None:
    text = "".join(f"{line}\n" for line in note_lines(event))
    for key in keys:
        try:
            if key.opened(event.note) == text:
                return None
        except NoteFaulty:
            continue
    return f"{event.draw_id} 的第{event.no}条记录与其签名不符"


def gaps_in(numbers: Iterable[int]) -> list[str]:
    """Lines that are missing from the record of all draws, by the numbers of those that there are in order.

    Those after the last are not missed.
    """
    found, expected = [], 1
    for no in numbers:
        if no != expected:
            found.append(f"随机抽查的记录缺少第{expected}条至第{no - 1}条")
        expected = no + 1
    return found


def misdrawn(draw: DrawOnRecord) -> list[str]:
    """What was drawn otherwise than list and seed say; each unit of weight is a digest to compute."""
    found = []
    for event in draw.events:
        if event.kind in MADE:
            said = DrawnFromSeed.model_validate(event.said)
            try:
                right = drawn(draw.candidates, said.seed, draw.content.number) == said.drawn
            except DrawRefused:
                right = False
            if not right:
                found.append(f"{draw.id} 的第{event.no}条记录所载的抽中者，不是由名单和种子得出的")
    return found
