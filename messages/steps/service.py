"""Steps of service: posting, delivery, and what came back of the notices sent (§5, §6)."""

from enum import StrEnum
from typing import Annotated, ClassVar, Literal, Self, get_args

from pydantic import ConfigDict, Field, StringConstraints, model_validator

from law.vocabulary import DocumentKind, Recipient, Role
from messages.base import Day, LongText, Text
from messages.steps.base import OFFICER, SUPERVISOR, Step, StepName

DocumentId = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200)]
TrackingNo = Annotated[
    str,
    StringConstraints(strip_whitespace=True, to_upper=True, max_length=30, pattern=r"^[0-9A-Za-z]{8,30}$"),
]


class DeliveryMeans(StrEnum):
    IN_PERSON = "in_person"
    POST = "post"
    EMAIL = "email"
    PLATFORM = "platform"


ServedRecipient = Literal[
    Recipient.SELLER,
    Recipient.PRODUCER,
    Recipient.PLATFORM,
    Recipient.LABORATORY,
    Recipient.RETEST_LABORATORY,
]
ServedNotice = Literal[
    DocumentKind.INSPECTION_NOTICE,
    DocumentKind.RESULT_NOTICE,
    DocumentKind.RETEST_LAB_NOTICE,
    DocumentKind.RETEST_REFUSAL,
    DocumentKind.RETEST_RESULT_NOTICE,
    DocumentKind.LATE_FILING_NOTICE,
    DocumentKind.REOPENING_REFUSAL,
    DocumentKind.WITHDRAWAL_NOTICE,
    DocumentKind.VOIDANCE_NOTICE,
]
# That one of these arrived at one of those, or came back, must be recorded.
SERVED_NOTICES: frozenset[DocumentKind] = frozenset(get_args(ServedNotice))
SERVED_RECIPIENTS: frozenset[Recipient] = frozenset(get_args(ServedRecipient))


def is_served(kind: DocumentKind, recipient: Recipient) -> bool:
    """Whether the arrival of such a letter is recorded; any other is done with once it has left."""
    return kind in SERVED_NOTICES and recipient in SERVED_RECIPIENTS


PostedNotice = Literal[
    ServedNotice,
    DocumentKind.COMMISSION_LETTER,
    DocumentKind.REFERRAL_LETTER,
    DocumentKind.REFERRAL_CORRECTION,
]
PostedRecipient = Literal[ServedRecipient, Recipient.AUTHORITY, Recipient.ONLINE_SUPERVISION_OFFICE]


class SentLetter(Step):
    """A letter that has left, to anybody but the public; the latest of its kind unless its id is given."""

    notice: PostedNotice = Field(title="文书种类")
    recipient: PostedRecipient = Field(title="受送达人")
    document_id: DocumentId | None = Field(default=None, title="文书编号；为空时指该受送达人最近一件该种文书")


class NoticePosted(SentLetter):
    """A paper letter was handed to the post, which gave it a number; it may be posted once more (§6).

    To another address than it bears where that has changed; with its source, later letters go there too.
    """

    NAME: ClassVar = StepName.NOTICE_POSTED
    TITLE: ClassVar = "文书交寄"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER

    posted_on: Day = Field(title="交寄日期")
    carrier: Text = Field(default="EMS", title="寄递企业")
    tracking_no: TrackingNo = Field(title="邮件号码")
    address: Text | None = Field(default=None, title="寄往地址；与文书所载送达地址不同时填写")
    address_source: Text | None = Field(
        default=None, title="新地址的来源；填写的，其后发给该当事人的文书均寄往此地址"
    )

    @model_validator(mode="after")
    def _source_of_an_address(self) -> Self:
        if self.address_source is not None and self.address is None:
            raise ValueError("填写新地址来源的，应当填写寄往地址")
        return self

    model_config = ConfigDict(
        title="交寄",
        json_schema_extra={
            "example": {
                "notice": "result_notice",
                "recipient": "seller",
                "posted_on": "2026-09-17",
                "carrier": "EMS",
                "tracking_no": "1234567890123",
            }
        },
    )


class FailureCause(StrEnum):
    """How it became known that a letter does not arrive."""

    EMAIL_BOUNCED = "email_bounced"
    EMAIL_UNSENT = "email_unsent"
    PLATFORM_REFUSED = "platform_refused"
    POST_RETURNED = "post_returned"
    POST_LOST = "post_lost"
    NO_ADDRESS = "no_address"
    UNPRINTABLE = "unprintable"


class DeliveryFailed(SentLetter):
    """A sign that a letter does not arrive; an officer confirms that it came back, or sends it another way.

    It announces nothing by itself (§6).
    """

    NAME: ClassVar = StepName.DELIVERY_FAILED
    TITLE: ClassVar = "未能送达线索"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER | {Role.SYSTEM}

    failed_on: Day = Field(title="得知日期")
    cause: FailureCause = Field(title="线索种类")
    reason: LongText = Field(title="退信、退回或拒收的说明")
    tracking_no: TrackingNo | None = Field(default=None, title="邮件号码；知道是哪一个邮件的填写")

    model_config = ConfigDict(
        title="未能送达",
        json_schema_extra={
            "example": {
                "notice": "result_notice",
                "recipient": "seller",
                "failed_on": "2026-09-18",
                "cause": "email_bounced",
                "reason": "550 5.1.1 收件人邮箱不存在",
            }
        },
    )


class NoticeDelivered(Step):
    """A recipient has received a notice; the party's window runs from this day (§6)."""

    NAME: ClassVar = StepName.NOTICE_DELIVERED
    TITLE: ClassVar = "文书送达"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER | {Role.SYSTEM}

    notice: PostedNotice = Field(title="文书种类")
    recipient: PostedRecipient = Field(title="受送达人")
    delivered_on: Day = Field(title="送达日期")
    means: DeliveryMeans = Field(title="送达方式")
    receipt: Text = Field(title="送达回证编号")

    model_config = ConfigDict(
        title="送达",
        json_schema_extra={
            "example": {
                "notice": "result_notice",
                "recipient": "seller",
                "delivered_on": "2026-09-18",
                "means": "post",
                "receipt": "HZ-2026-0001",
            }
        },
    )


class NoticeReceivedByAnother(Step):
    """Somebody else took a notice, or a locker: an officer decides whether that was delivery (§6).

    No period runs from it, and the delivery goes on being awaited.
    """

    NAME: ClassVar = StepName.NOTICE_RECEIVED_BY_ANOTHER
    TITLE: ClassVar = "文书由他人代收"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER

    notice: ServedNotice = Field(title="文书种类")
    recipient: ServedRecipient = Field(title="受送达人")
    document_id: DocumentId | None = Field(default=None, title="文书编号；为空时指该受送达人最近一件该种文书")
    received_on: Day = Field(title="代收日期")
    taken_by: Text = Field(title="代收的人或者地方")
    receipt: Text = Field(title="凭据")

    model_config = ConfigDict(
        title="他人代收",
        json_schema_extra={
            "example": {
                "notice": "result_notice",
                "recipient": "seller",
                "received_on": "2026-09-18",
                "taken_by": "丰巢快递柜",
                "receipt": "邮件号码1234567890123，妥投",
            }
        },
    )


class NoticeReturned(Step):
    """A notice came back; it is announced on the bureau's website instead (§6)."""

    NAME: ClassVar = StepName.NOTICE_RETURNED
    TITLE: ClassVar = "文书退回"
    RESTS_ON: ClassVar = "§6"
    ROLES: ClassVar = OFFICER

    notice: ServedNotice = Field(title="文书种类")
    recipient: Literal[Recipient.SELLER, Recipient.PRODUCER, Recipient.PLATFORM] = Field(title="受送达人")
    returned_on: Day = Field(title="退回日期")
    reason: LongText = Field(title="退回原因")

    model_config = ConfigDict(
        title="退回",
        json_schema_extra={
            "example": {
                "notice": "result_notice",
                "recipient": "seller",
                "returned_on": "2026-09-22",
                "reason": "查无此人，地址不详",
            }
        },
    )


class DeliveryGivenUp(Step):
    """What has become of a notice is not followed any longer, and why; no period hangs on it any more.

    One that still lies in the post queue is withdrawn from it.
    """

    NAME: ClassVar = StepName.DELIVERY_GIVEN_UP
    TITLE: ClassVar = "不再寄送或跟踪文书"
    RESTS_ON: ClassVar = "规程第3节"
    ROLES: ClassVar = SUPERVISOR

    notice: ServedNotice = Field(title="文书种类")
    recipient: ServedRecipient = Field(title="受送达人")
    reason: LongText = Field(title="理由")

    model_config = ConfigDict(
        title="不再寄送或跟踪文书",
        json_schema_extra={
            "example": {
                "notice": "result_notice",
                "recipient": "platform",
                "reason": "平台已停止运营，无从取得回执，结果已公示",
            }
        },
    )
