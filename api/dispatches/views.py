"""How letters on their way are shown, and what is answered to a list of them."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from pydantic import Field

from api.views import View
from law.vocabulary import DocumentKind, Recipient
from messages.envelope import RefusalCode
from messages.snapshot import DocumentStatus
from messages.steps import StepName


class DispatchView(View):
    """A letter on its way to one recipient."""

    document_id: str = Field(title="文书编号")
    batch_no: str = Field(title="批次编号")
    number: str = Field(title="文号")
    title: str = Field(title="文书名称")
    kind: DocumentKind = Field(title="文书种类")
    recipient: Recipient = Field(title="受送达人身份")
    recipient_name: str = Field(title="受送达人")
    addresses: tuple[str, ...] = Field(
        title="送达地址；经营者可能有两个：营业执照所载的，和平台提供的（§5），两处都寄"
    )
    channel: str | None = Field(
        title="发出方式：email 电子邮件；platform 平台接口；website 官网；outbox 人工递送；待电子发出的为空"
    )
    detail: str | None = Field(title="发出的凭据或去向")
    status: DocumentStatus = Field(title="状态")
    to_post: bool = Field(title="是否待交寄")
    created_at: datetime = Field(title="制作时间")
    sent_at: datetime | None = Field(title="发出时间；由人工递送的为登记交付的时间")
    post_by: date | None = Field(title="最迟应在这一天交寄：所属法定期限或内部时限的最后一日；没有期限的为空")
    overdue: bool = Field(title="是否已过最后一日仍未交寄")
    posted_on: date | None = Field(title="交寄日期；多次交寄的为最近一次")
    carrier: str | None = Field(title="寄递企业")
    tracking_no: str | None = Field(title="邮件号码")
    posted_to: str | None = Field(title="最近一次的寄往地址；寄往文书所载送达地址的为空")
    settled_on: date | None = Field(title="送达、他人代收、退回或公告日期")
    failure: str | None = Field(title="未能送达的线索；尚待确认")
    came_back_on: date | None = Field(title="得知邮件被退回的日期；其后未再交寄")
    proof: str | None = Field(title="送达、他人代收、退回或公告的凭据")
    encloses: str | None = Field(
        title="应当随附的文件：已经入库的检验报告或者复检报告，其名称和摘要；没有的为空"
    )


class RowStatus(StrEnum):
    ACCEPTED = "accepted"
    RECEIVED_BY_ANOTHER = "received_by_another"
    REFUSED = "refused"
    RECORDED = "recorded"
    NOT_FILED = "not_filed"
    INVALID = "invalid"
    BLANK = "blank"
    PLANNED = "planned"


class RowAnswer(View):
    """What became of one row, for one letter that it is about."""

    row: int = Field(title="在文件中的行号（JSON 为第几项）")
    status: RowStatus = Field(
        title="accepted 已受理；received_by_another 已受理：他人代收，待认定；refused 不予受理；"
        "recorded 已登记，待决定；"
        "not_filed 未能登记，请把同一文件再提交一次；invalid 有误，未登记；"
        "blank 没有可登记的内容；planned 试算：将会登记"
    )
    reason: str | None = Field(default=None, title="说明")
    code: RefusalCode | None = Field(default=None, title="拒绝代码")
    document_id: str | None = Field(default=None, title="文书编号")
    batch_no: str | None = Field(default=None, title="批次编号")
    number: str | None = Field(default=None, title="文号")
    title: str | None = Field(default=None, title="文书名称")
    recipient_name: str | None = Field(default=None, title="受送达人")
    address: str | None = Field(default=None, title="寄往地址")
    tracking_no: str | None = Field(default=None, title="邮件号码")
    day: date | None = Field(
        default=None, title="将会登记的日期：交寄、送达、代收、退回或者得知未能送达的日期"
    )
    follows: str | None = Field(default=None, title="受理后随之发生的事项")
    step: StepName | None = Field(default=None, title="登记的步骤")
    step_id: UUID | None = Field(default=None, title="步骤编号；同一内容的行，编号相同")


class ListAnswer(View):
    """What became of a list, row by row."""

    dry_run: bool = Field(title="是否试算；试算不登记")
    counts: dict[RowStatus, int] = Field(title="各状态的行数")
    unused_columns: tuple[str, ...] = Field(title="没有用到的列")
    rows: tuple[RowAnswer, ...] = Field(title="各行的结果；一个邮件装有几件文书的，每件一条")
