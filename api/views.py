"""How batches, waits and documents are shown: the read model in the API's words."""

from datetime import date, datetime
from typing import Any, Generic, Literal, TypeVar
from urllib.parse import quote

from pydantic import BaseModel, ConfigDict, Field, computed_field

from law.calendar import day_in_shanghai
from law.counting import Deadline
from law.vocabulary import Category, DocumentKind, Outcome, Party, Phase, Recipient, Verdict
from messages.base import Actor
from messages.order import EmergencyGroundCode, OrderKind
from messages.records import TimelineKind
from messages.snapshot import DocumentStatus, Snapshot, Wait
from store.desk.held import InHand
from store.reads import read_model
from store.reads.ordered import OrderedAs
from store.reads.pages import Page
from store.reads.tasks import TaskRow
from store.reads.waits import WaitRow

T = TypeVar("T")
_NEXT = "下一页游标；没有下一页时为空"


class View(BaseModel):
    """Something shown; made from the store's rows."""

    model_config = ConfigDict(frozen=True, from_attributes=True)


class Listing(View, Generic[T]):
    """A page of a list; give ``next_cursor`` back as ``cursor`` for the next one."""

    items: tuple[T, ...]
    next_cursor: str | None = Field(default=None, title=_NEXT)


class WaitView(Wait):
    """A wait, and whether it is late by the batch's clock."""

    overdue: bool = Field(title="是否逾期")


class OpenWait(WaitView):
    """A wait that is open, and how long it is open still."""

    days_left: int | None = Field(title="距届满日的日数（按批次的时钟），当日为0，届满后为负；没有期限的为空")


class HolderView(View):
    """Who has a batch in hand."""

    sub: str = Field(title="账号")
    name: str = Field(title="姓名")
    since: datetime = Field(title="接手时间")


class PhaseView(View):
    """When the batch came to a phase."""

    phase: Phase = Field(title="阶段")
    at: datetime = Field(title="进入的时间")


class DocumentView(View):
    """A document to one recipient: what it says, how it left, whether it arrived."""

    document_id: str
    kind: DocumentKind
    recipient: Recipient
    recipient_name: str
    status: DocumentStatus
    sent_on: date | None = None
    settled_on: date | None = Field(default=None, title="送达、退回或公告日期")
    title: str | None = Field(default=None, title="文书名称；正在制作的为空")
    number: str | None = Field(default=None, title="文号；正在制作的为空")
    fields: dict[str, Any] | None = Field(default=None, title="文书所载内容")
    rests_on: str | None = Field(default=None, title="依据")
    sha256: str | None = Field(default=None, title="所载内容（含行文所需的其他事实）的 SHA-256 摘要")
    address: str | None = Field(default=None, title="送达地址")
    channel: str | None = Field(
        default=None, title="发出方式：email 电子邮件；platform 平台接口；website 官网；outbox 人工递送"
    )
    detail: str | None = Field(default=None, title="发出的凭据或去向")
    to_post: bool = Field(default=False, title="是否待交寄")
    posted_on: date | None = Field(default=None, title="交寄日期")
    carrier: str | None = Field(default=None, title="寄递企业")
    tracking_no: str | None = Field(default=None, title="邮件号码")
    failure: str | None = Field(default=None, title="未能送达的线索；尚待确认")
    proof: str | None = Field(default=None, title="送达、退回或公告的凭据")
    corrects: str | None = Field(default=None, title="所更正的文书编号")


class ExecutingBureauView(View):
    """The subordinate bureau that carries a batch out, and under which commission."""

    name: str = Field(title="名称")
    code: str | None = Field(title="代码；委托没有在本系统登记的为空")
    commission_no: str = Field(title="委托书编号")
    commission_id: str | None = Field(title="委托的编号；没有在本系统登记的为空")
    matter: str = Field(title="委托事项")


class BatchView(Snapshot):
    """A batch as it stands: phase, outcome, parties, what it waits for, its documents and samples."""

    waits: tuple[Wait, ...] = Field(default=(), exclude=True)
    documents: tuple[DocumentView, ...] = ()  # type: ignore[assignment]
    waiting_for: tuple[OpenWait, ...] = Field(title="正在等待的事项")
    opened_at: datetime = Field(title="下达时间")
    clock: datetime = Field(title="本批次登记的时钟：现在；快进过的为快进后的")
    phases: tuple[PhaseView, ...] = Field(default=(), title="经过的阶段，依次")
    holder: HolderView | None = Field(default=None, title="经办人；没有的为空")
    kind: OrderKind | None = Field(default=None, title="抽检方式")
    emergency_ground: EmergencyGroundCode | None = Field(
        default=None, title="应急抽检情形；日常例行抽检的为空，检验机构不见"
    )
    other_ground: str | None = Field(default=None, title="其他应急情形的说明")
    executing_bureau: ExecutingBureauView | None = Field(
        default=None, title="受委托执行的下级局；本局自行执行的为空"
    )


class BatchSummary(View):
    """One batch of a list."""

    batch_no: str
    title: str
    phase: Phase
    outcome: Outcome | None
    final_verdict: Verdict | None
    suspended: bool
    category: Category
    laboratory: str
    retest_laboratory: str | None
    opened_at: datetime = Field(title="下达时间")
    next_deadline: datetime | None = Field(title="最近的届满时刻")
    provisional: bool = Field(title="最近的届满时刻是否暂定")
    overdue: bool = Field(title="是否有逾期事项")
    seller: str | None = Field(title="网络商品经营者")
    holder: HolderView | None = Field(title="经办人；没有的为空")


class TimelineLine(View):
    """One line of the record; each carries the hash of the one before."""

    seq: int
    at: datetime = Field(title="发生时间")
    recorded_at: datetime = Field(title="记录时间")
    kind: TimelineKind
    text: str
    rests_on: str = Field(title="依据")
    actor: Actor
    data: dict[str, Any]
    key: str
    prev_hash: str
    hash: str


class Timeline(View):
    """The record of a batch, in order, a page of it; one of ordinary size is on the first."""

    batch_no: str
    entries: tuple[TimelineLine, ...]
    next_cursor: str | None = Field(default=None, title=_NEXT)


class Task(OpenWait):
    """An open wait with the batch it belongs to."""

    batch_no: str = Field(title="批次编号")
    batch_title: str = Field(title="批次名称")
    phase: Phase = Field(title="批次阶段")
    suspended: bool = Field(title="批次是否中止")
    reminded: int | None = Field(title="已提醒到的层级")
    holder: HolderView | None = Field(title="批次的经办人；没有的为空")


class PublishedDocument(View):
    """A publication or an announcement, as the public sees it."""

    document_id: str
    batch_no: str
    kind: DocumentKind
    title: str
    number: str = Field(title="文号")
    addressee: str | None = Field(
        title="公告的受送达人，自公告发布之日起视为送达；自然人姓名已隐去；公示为空"
    )
    about: str | None = Field(title="公告送达的文书；公示为空")
    fields: dict[str, Any] = Field(title="公布内容；经营者为自然人的，姓名已隐去")
    rests_on: str = Field(title="依据")
    published_at: datetime = Field(title="公布时间", validation_alias="sent_at")
    corrects: str | None = Field(title="所更正的公示编号；更正与原公示并列，原公示不改动")
    corrected_by: tuple[str, ...] = Field(title="更正本公示的公示编号")
    last_day: date | None = Field(title="公告所载期限的最后一日，有延长的为延长后的；24时届满")
    days_left: int | None = Field(title="距最后一日的日数，当日为0，届满后为负；按北京时间")

    @computed_field(title="固定地址（网页）")  # type: ignore[prop-decorator]
    @property
    def address(self) -> str:
        return address_of(self.kind, self.document_id)


def address_of(kind: DocumentKind, document_id: str) -> str:
    """Where the public reads a document, for good."""
    place = "gonggao" if kind is DocumentKind.ANNOUNCEMENT else "gongshi"
    return f"/{place}/{quote(document_id, safe='')}"


class WaitRecord(WaitView):
    """A wait, open or ended, with the account of its deadline day by day."""

    state: Literal["open", "ended"] = Field(title="open 正在等待；ended 已结束")
    opened_at: datetime = Field(title="开始等待的时间")
    ended_at: datetime | None = Field(title="结束的时间；正在等待的为空")
    reminded: int | None = Field(title="已提醒到的层级")
    trace: Deadline | None = Field(title="期限的逐日计算；没有期限的为空")
    certificate: str | None = Field(title="期限证明的地址；没有期限的为空")


class Waits(View):
    """Every wait of a batch, in the order in which they were opened, a page of them."""

    batch_no: str = Field(title="批次编号")
    waits: tuple[WaitRecord, ...] = Field(title="等待事项")
    next_cursor: str | None = Field(default=None, title=_NEXT)


def open_waits(view: read_model.WholeBatch) -> tuple[OpenWait, ...]:
    return tuple(
        OpenWait(
            **dict(wait),
            overdue=view.snapshot.is_overdue(wait, view.clock),
            days_left=_days_left(wait, view.clock),
        )
        for wait in view.snapshot.waits
    )


def _days_left(wait: Wait, clock: datetime) -> int | None:
    return None if wait.last_day is None else (wait.last_day - day_in_shanghai(clock)).days


def batch_view(
    view: read_model.WholeBatch,
    phases: tuple[read_model.PhaseBegun, ...] = (),
    holder: InHand | None = None,
    ordered: OrderedAs | None = None,
) -> BatchView:
    """The snapshot, with its documents' contents where they have been made out, and how it was ordered."""
    rows = {row.document_id: row for row in view.documents}
    documents = [
        DocumentView.model_validate({**_content(rows.pop(state.document_id, None)), **dict(state)})
        for state in view.snapshot.documents
    ]
    documents += [DocumentView.model_validate(row) for row in rows.values()]
    known = dict(view.snapshot) | {"documents": tuple(documents), "waits": ()}
    return BatchView(
        **known,
        waiting_for=open_waits(view),
        opened_at=view.opened_at,
        clock=view.clock,
        phases=tuple(map(PhaseView.model_validate, phases)),
        holder=holder_view(holder),
        **_ordered(ordered),
    )


def _ordered(ordered: OrderedAs | None) -> dict[str, Any]:
    if ordered is None:
        return {}
    by = ordered.executing_bureau
    return vars(ordered) | {"executing_bureau": by and ExecutingBureauView.model_validate(by)}


def holder_view(holder: InHand | None) -> HolderView | None:
    return None if holder is None else HolderView.model_validate(holder)


def batch_summary(row: read_model.BatchRow) -> BatchSummary:
    snapshot = row.snapshot
    dated = [(wait.deadline, wait.provisional) for wait in snapshot.waits if wait.deadline is not None]
    next_deadline, provisional = min(dated, default=(None, False))
    sellers = (party.name for party in snapshot.parties if party.party is Party.SELLER)
    return BatchSummary(
        batch_no=snapshot.batch_no,
        title=snapshot.title,
        phase=snapshot.phase,
        outcome=snapshot.outcome,
        final_verdict=snapshot.final_verdict,
        suspended=snapshot.suspended,
        category=snapshot.category,
        laboratory=snapshot.laboratory,
        retest_laboratory=snapshot.retest_laboratory,
        opened_at=row.opened_at,
        next_deadline=next_deadline,
        provisional=provisional,
        overdue=row.overdue,
        seller=next(sellers, None),
        holder=holder_view(row.holder),
    )


def task(row: TaskRow) -> Task:
    return Task(
        **dict(row.wait),
        overdue=row.overdue,
        batch_no=row.batch_no,
        batch_title=row.title,
        phase=row.phase,
        suspended=row.suspended,
        reminded=row.reminded,
        days_left=_days_left(row.wait, row.clock),
        holder=holder_view(row.holder),
    )


def waits_view(batch_no: str, page: Page[WaitRow]) -> Waits:
    """Each with where its certificate is."""
    return Waits(
        batch_no=batch_no,
        waits=tuple(wait_record(batch_no, row) for row in page.items),
        next_cursor=page.next_cursor,
    )


def wait_record(batch_no: str, row: WaitRow) -> WaitRecord:
    return WaitRecord(
        **dict(row.wait),
        overdue=row.overdue,
        state=row.state,
        opened_at=row.opened_at,
        ended_at=row.ended_at,
        reminded=row.reminded,
        trace=row.trace,
        certificate=row.trace and f"/batches/{batch_no}/certificates/{quote(row.wait.id, safe=':')}",
    )


def _content(row: read_model.DocumentRow | None) -> dict[str, Any]:
    return {} if row is None else DocumentView.model_validate(row).model_dump()
