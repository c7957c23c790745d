"""What a batch looks like from outside: the read model, and the waits that are owed."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from law.stays import is_overdue
from law.vocabulary import (
    Category,
    DocumentKind,
    Outcome,
    Party,
    Phase,
    Recipient,
    Role,
    Term,
    Verdict,
    WaitKind,
)
from messages.base import Instant, Message
from messages.steps.base import StepName


class Wait(Message):
    """One thing the batch waits for: who owes or holds it, until when, on what rule.

    ``deadline`` is the end of the last day, 24:00 Asia/Shanghai; without one the procedure sets no period.
    Of a right, what was filed by then counts if it is entered by ``heard_until``; silence comes after that.
    """

    id: str = Field(title="等待事项编号")
    step: StepName | None = Field(title="所待步骤；由系统自行完成的为空")
    title: str = Field(title="事项")
    kind: WaitKind = Field(title="义务或权利")
    owed_by: str = Field(title="责任方或权利人代码")
    owed_by_title: str = Field(title="责任方或权利人")
    role: Role | None = Field(title="经办角色；当事人的权利为空")
    party: Party | None = Field(default=None, title="当事人")
    term: Term | None = Field(default=None, title="期限种类")
    internal: bool = Field(default=False, title="是否内部时限")
    starts_on: date | None = Field(default=None, title="起算日（不计入）")
    last_day: date | None = Field(default=None, title="届满日")
    deadline: Instant | None = Field(default=None, title="届满时刻")
    heard_until: Instant | None = Field(
        default=None, title="在途申请登记截止；当事人的权利在此之后方可认定为逾期未行使"
    )
    provisional: bool = Field(default=False, title="是否暂定")
    calendar_version: str | None = Field(default=None, title="日历版本")
    rests_on: str = Field(title="依据")
    on_silence: str | None = Field(default=None, title="逾期后果")

    @property
    def what_and_whose(self) -> str:
        """The matter and who owes or holds it; a party that the title names is not named twice."""
        return self.title if self.owed_by_title in self.title else f"{self.title}，{self.owed_by_title}"


class PartyState(Message):
    party: Party
    name: str
    natural_person: bool = Field(default=False, title="是否自然人")
    entitled: bool = Field(title="是否有权提出异议")
    received_on: date | None = Field(default=None, title="结果通知送达（或公告发布）日期")
    by_announcement: bool = Field(default=False, title="是否公告送达")
    standing: str | None = Field(default=None, title="立场")
    disowned_on: date | None = Field(default=None, title="标称生产者否认生产的日期")


class DocumentStatus(StrEnum):
    TO_SEND = "to_send"
    SENT = "sent"
    RECEIVED_BY_ANOTHER = "received_by_another"
    DELIVERED = "delivered"
    RETURNED = "returned"
    ANNOUNCED = "announced"
    GIVEN_UP = "given_up"
    WITHDRAWN = "withdrawn"


class DocumentState(Message):
    """One document to one recipient on one occasion."""

    document_id: str
    kind: DocumentKind
    recipient: Recipient
    recipient_name: str
    status: DocumentStatus
    made_out_on: date | None = Field(default=None, title="制发日期")
    sent_on: date | None = None
    settled_on: date | None = Field(default=None, title="送达、他人代收、退回或公告日期")
    by_hand: bool = Field(default=False, title="是否由人工递送；交付登记后方为发出")
    unprintable: bool = Field(default=False, title="是否无法生成版式文件，须由人工另行制作")
    party: Party | None = Field(default=None, title="所涉当事人")
    about: DocumentKind | None = Field(default=None, title="公告所代替的文书")
    posted_on: date | None = Field(default=None, title="交寄日期；多次交寄的为最近一次")
    carrier: str | None = Field(default=None, title="寄递企业")
    tracking_no: str | None = Field(default=None, title="邮件号码")
    posted_to: str | None = Field(default=None, title="寄往地址；与文书所载送达地址不同的")
    failure: str | None = Field(default=None, title="未能送达的线索；尚待确认")
    came_back_on: date | None = Field(default=None, title="得知邮件被退回的日期；其后未再交寄")
    proof: str | None = Field(default=None, title="送达、他人代收、退回或公告的凭据")
    replaces: str | None = Field(default=None, title="所取代的文书")
    address: str | None = Field(default=None, title="送达地址")
    email: str | None = Field(default=None, title="电子邮箱")
    content: str = Field(default="", title="内容摘要；期限的最后一日除外")

    @property
    def went_nowhere(self) -> bool:
        """A party's, for which there was no address: nobody has had it, whatever followed."""
        has_place = self.address or self.email or self.posted_on or self.recipient.party is None
        return not has_place and self.status is not DocumentStatus.DELIVERED

    @property
    def exists_since(self) -> date | None:
        """The day before which nothing can have become of it; None while it has not left.

        Electronic mail may leave days after a letter was made out, and its addressee have it by then.
        """
        return self.sent_on and (self.sent_on if self.by_hand else self.made_out_on or self.sent_on)


class SampleState(Message):
    """Where a sample is, who keeps it, under which seal (procedure section 9)."""

    sample: str = Field(title="test 检验用样品；backup 备份样品")
    holder: str
    place: str
    keeper: str
    seal_no: str
    note: str = ""


class NamedGoods(Message):
    """What is sampled, in the words of whoever ordered it, or bought and sealed it since."""

    name: str = Field(title="商品名称")
    trademark: str | None = Field(title="商标")
    spec_model: str | None = Field(title="规格型号")


class Snapshot(Message):
    """The batch as of ``version``; a projection, rebuilt from history when need be."""

    batch_no: str
    version: int
    title: str
    phase: Phase
    category: Category
    suspended: bool = False
    outcome: Outcome | None = None
    first_verdict: Verdict | None = None
    final_verdict: Verdict | None = None
    laboratory: str
    retest_laboratory: str | None = None
    report_submitted: UUID | None = Field(default=None, title="待收取的检验报告：提交步骤的编号")
    goods: NamedGoods | None = None
    parties: tuple[PartyState, ...] = ()
    waits: tuple[Wait, ...] = ()
    documents: tuple[DocumentState, ...] = ()
    samples: tuple[SampleState, ...] = ()
    referral_authority: str | None = None
    referral_copies: tuple[str, ...] = ()
    keep_evidence_until: date | None = None

    def is_overdue(self, wait: Wait, clock: datetime) -> bool:
        """Whether one of its waits is late by the batch's ledger clock."""
        return is_overdue(wait.kind, wait.deadline, clock, stayed=self.suspended)
