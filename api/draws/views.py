"""How random draws are shown."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from itertools import islice

from pydantic import Field

from api.views import View
from law.draw_course import DrawState
from law.vocabulary import Outcome
from messages.base import Actor
from messages.draws import (
    MADE,
    CandidatePassed,
    DrawCandidate,
    DrawContent,
    DrawEvent,
    DrawEventKind,
    DrawnFromSeed,
    DrawSubject,
    ExcludedCandidate,
    ListFrozen,
    SeedCorrection,
    SeedSource,
)
from proof.draws import as_frozen
from store.draws.reading import OrderedFrom
from store.draws.standing import DrawMade, DrawOnRecord

# More candidates than anybody reads through on a page stand in the list's file.
MOST_SHOWN = 200
_STATE = "draft 起草中；frozen 已冻结、待种子公布；drawn 已抽取；ended 已终止"


class DrawSummaryView(View):
    """One draw of a list."""

    id: str = Field(title="编号")
    scheme_id: str = Field(title="抽检实施方案的编号")
    title: str = Field(title="名称")
    wanted: int = Field(title="抽取数量")
    candidates: int = Field(title="候选数量")
    state: DrawState = Field(title=f"状态：{_STATE}")
    announced_at: datetime = Field(title="种子的公布时间")
    drafted_at: datetime = Field(title="起草时间")
    frozen_at: datetime | None = Field(title="冻结、公布的时间")
    drawn_at: datetime | None = Field(title="抽取的时间；更正过的为更正的时间")
    is_to_confirm: bool = Field(title="是否有种子的更正待另一人确认")


class FrozenView(View):
    """What is frozen and published, or would be."""

    list_sha256: str = Field(title="候选名单文件的 SHA-256")
    content_sha256: str = Field(title="全部内容（含名称、理由）的 SHA-256")
    candidates: int = Field(title="候选数量")
    weight: int = Field(title="权重合计")
    number: int = Field(title="抽取数量")
    method: str = Field(title="抽取方法，即核验程序所载的版本")
    seed_source: SeedSource = Field(title="种子的公开来源")


class DraftedView(View):
    """A draw that was drawn up, or what it would be."""

    dry_run: bool = Field(title="是否试算；试算不保存")
    id: str | None = Field(title="编号；试算的为空")
    frozen: FrozenView = Field(title="将会冻结的内容")
    shown: tuple[DrawCandidate, ...] = Field(title=f"候选名单的前{MOST_SHOWN}个")
    weighted: tuple[DrawCandidate, ...] = Field(title=f"权重不是1的，前{MOST_SHOWN}个")
    excluded: tuple[ExcludedCandidate, ...] = Field(title=f"排除的，前{MOST_SHOWN}个")


class DrawnPlace(StrEnum):
    """What became of somebody who was drawn."""

    CHOSEN = "chosen"
    SKIPPED = "skipped"


class DrawnBatch(View):
    """A batch that was ordered from a candidate."""

    batch_no: str = Field(title="批次编号")
    outcome: Outcome | None = Field(title="结果；尚未办结的为空")


class DrawnView(View):
    """One who was drawn, in the order of the draw."""

    id: str = Field(title="编号")
    name: str | None = Field(title="名称")
    state: DrawnPlace = Field(title="chosen 抽中；skipped 已跳过")
    reason: str | None = Field(title="跳过的理由")
    next: str | None = Field(title="由谁递补；没有可以递补的为空")
    batches: tuple[DrawnBatch, ...] = Field(title="据以下达的批次")


class DrawEventView(View):
    """One line of the record, as it was signed."""

    no: int = Field(title="全部随机抽查记录中的序号")
    kind: DrawEventKind = Field(
        title="frozen 冻结；drawn 抽取；skipped 跳过；correction_proposed 提出更正种子；corrected 更正；"
        "correction_refused 不予更正；ended 终止"
    )
    at: datetime = Field(title="时间")
    by: Actor = Field(title="办理人")
    seed: str | None = Field(title="种子")
    read_from: str | None = Field(title="在何处读到")
    drawn: tuple[str, ...] = Field(title="抽中的编号，依次")
    candidate: str | None = Field(title="跳过的编号")
    reason: str | None = Field(title="理由")
    note: str = Field(title="有签名的文本（C2SP signed-note），载明前一条的摘要")


class DrawView(DrawSummaryView):
    """A draw with what is frozen, what was drawn and every line of its record."""

    subject: DrawSubject = Field(title="抽取对象：businesses 登记的经营者；products 商品")
    drafted_by: Actor = Field(title="起草人")
    frozen: FrozenView = Field(title="冻结的内容；起草中的为将会冻结的内容")
    shown: tuple[DrawCandidate, ...] = Field(title=f"候选名单的前{MOST_SHOWN}个；全部见 candidates.csv")
    weighted: tuple[DrawCandidate, ...] = Field(title=f"权重不是1的，前{MOST_SHOWN}个")
    excluded: tuple[ExcludedCandidate, ...] = Field(title=f"排除的，前{MOST_SHOWN}个")
    seed: str | None = Field(title="种子；尚未登记的为空")
    read_from: str | None = Field(title="种子在何处读到")
    drawn: tuple[DrawnView, ...] = Field(title="抽中的，依次；递补的在后")
    chosen: tuple[str, ...] = Field(title="应当购样的编号")
    correction: SeedCorrection | None = Field(title="待另一人确认的种子更正；没有的为空")
    events: tuple[DrawEventView, ...] = Field(title="全部记录，依次")
    faults: tuple[str, ...] = Field(title="与签名不符之处；没有的为空")


def drafted_view(draw_id: str | None, content: DrawContent) -> DraftedView:
    """``draw_id``: under which it was kept; None for a trial."""
    return DraftedView(
        dry_run=draw_id is None,
        id=draw_id,
        frozen=FrozenView.model_validate(as_frozen(content)),
        shown=content.candidates[:MOST_SHOWN],
        weighted=_weighted(content),
        excluded=content.excluded[:MOST_SHOWN],
    )


def draw_view(draw: DrawOnRecord, ordered: tuple[OrderedFrom, ...], faults: tuple[str, ...]) -> DrawView:
    frozen = draw.event(DrawEventKind.FROZEN)
    made, content = draw.made, draw.content
    return DrawView(
        id=draw.id,
        scheme_id=content.scheme_id,
        title=content.title,
        wanted=content.number,
        candidates=len(content.candidates),
        state=draw.state,
        announced_at=content.seed_source.announced_at,
        drafted_at=draw.drafted_at,
        frozen_at=frozen.at if frozen else None,
        drawn_at=next((one.at for one in draw.events if made and one.no == made.no), None),
        is_to_confirm=draw.correction is not None,
        subject=content.subject,
        drafted_by=draw.drafted_by,
        frozen=FrozenView.model_validate(
            ListFrozen.model_validate(frozen.said) if frozen else as_frozen(content)
        ),
        shown=content.candidates[:MOST_SHOWN],
        weighted=_weighted(content),
        excluded=content.excluded[:MOST_SHOWN],
        seed=made.seed if made else None,
        read_from=made.read_from if made else None,
        drawn=_drawn(draw, made, ordered) if made else (),
        chosen=made.chosen if made else (),
        correction=draw.correction.proposed if draw.correction else None,
        events=tuple(map(_event_view, draw.events)),
        faults=faults,
    )


def _weighted(content: DrawContent) -> tuple[DrawCandidate, ...]:
    return tuple(islice((one for one in content.candidates if one.weight != 1), MOST_SHOWN))


def _drawn(draw: DrawOnRecord, made: DrawMade, ordered: Iterable[OrderedFrom]) -> tuple[DrawnView, ...]:
    names = {one.id: one.name for one in draw.content.candidates}
    passed = {one.id: one for one in made.passed}
    batches: dict[str, list[DrawnBatch]] = {}
    for one in ordered:
        batches.setdefault(one.candidate, []).append(DrawnBatch.model_validate(one))
    return tuple(
        DrawnView(
            id=id_,
            name=names.get(id_),
            state=DrawnPlace.SKIPPED if id_ in passed else DrawnPlace.CHOSEN,
            reason=passed[id_].reason if id_ in passed else None,
            next=passed[id_].next if id_ in passed else None,
            batches=tuple(batches.get(id_, ())),
        )
        for id_ in (*made.drawn, *(one.next for one in made.passed if one.next is not None))
    )


def _event_view(event: DrawEvent) -> DrawEventView:
    said = event.said
    made = DrawnFromSeed.model_validate(said) if event.kind in MADE else None
    passed = CandidatePassed.model_validate(said) if event.kind is DrawEventKind.SKIPPED else None
    return DrawEventView(
        no=event.no,
        kind=event.kind,
        at=event.at,
        by=event.by,
        seed=said.get("seed"),
        read_from=said.get("read_from"),
        drawn=made.drawn if made else (),
        candidate=passed.id if passed else None,
        reason=said.get("reason"),
        note=event.note,
    )
