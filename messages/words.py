"""The Chinese titles of the field's words, in one place for timeline, documents, Temporal UI and API."""

from law.judgements import FilingMeans
from law.vocabulary import (
    Category,
    DocumentKind,
    EvidenceKind,
    ItemVerdict,
    Outcome,
    Party,
    Phase,
    Recipient,
    Role,
    Verdict,
)
from messages.evidence import EvidenceCondition
from messages.snapshot import DocumentStatus
from messages.steps.service import DeliveryMeans, FailureCause

PHASES: dict[Phase, str] = {
    Phase.ORDERED: "已下达",
    Phase.SAMPLING: "抽样",
    Phase.TESTING: "检验",
    Phase.NOTIFICATION: "结果通知",
    Phase.OBJECTION: "异议期",
    Phase.RETEST: "复检",
    Phase.PUBLICATION: "公示",
    Phase.REFERRAL: "交办",
    Phase.CLOSED: "已办结",
}

OUTCOMES: dict[Outcome, str] = {
    Outcome.CONFORMING: "合格",
    Outcome.ACCEPTED_BY_SILENCE: "不合格，逾期未提出异议，视为无异议",
    Outcome.ACCEPTED_EXPRESSLY: "不合格，当事人认可检验结果",
    Outcome.OBJECTION_REFUSED: "异议未获批准，维持原检验结果",
    Outcome.RETEST_ABANDONED: "放弃复检，视为无异议",
    Outcome.RETEST_UPHELD: "复检维持原检验结果",
    Outcome.RETEST_OVERTURNED: "复检改变原检验结果",
    Outcome.ABANDONED: "终止抽样",
    Outcome.VOIDED: "批次撤销",
}

PARTIES: dict[Party, str] = {
    Party.SELLER: "网络商品经营者",
    Party.PRODUCER: "标称生产者",
    Party.PLATFORM: "第三方交易平台经营者",
}

RECIPIENTS: dict[Recipient, str] = {
    Recipient.SELLER: "网络商品经营者",
    Recipient.PRODUCER: "标称生产者",
    Recipient.PLATFORM: "第三方交易平台经营者",
    Recipient.APPLICANT: "复检申请人",
    Recipient.LABORATORY: "承检机构",
    Recipient.RETEST_LABORATORY: "复检机构",
    Recipient.AUTHORITY: "承办机关",
    Recipient.ONLINE_SUPERVISION_OFFICE: "网监办",
    Recipient.PUBLIC: "公众",
}

DOCUMENTS: dict[DocumentKind, str] = {
    DocumentKind.COMMISSION_LETTER: "网络商品质量抽查检验工作委托书",
    DocumentKind.INSPECTION_NOTICE: "网络商品质量抽查检验通知书",
    DocumentKind.RESULT_NOTICE: "抽检结果通知书",
    DocumentKind.ANNOUNCEMENT: "公告",
    DocumentKind.RETEST_LAB_NOTICE: "复检机构确定通知书",
    DocumentKind.RETEST_REFUSAL: "不予复检告知书",
    DocumentKind.RETEST_RESULT_NOTICE: "复检结果通知书",
    DocumentKind.PUBLICATION: "网络商品抽检结果公示",
    DocumentKind.LATE_FILING_NOTICE: "逾期申请不予受理告知书",
    DocumentKind.REOPENING_REFUSAL: "不予恢复异议程序告知书",
    DocumentKind.WITHDRAWAL_NOTICE: "文书撤回告知书",
    DocumentKind.VOIDANCE_NOTICE: "抽查检验撤销告知书",
    DocumentKind.PUBLICATION_CORRECTION: "网络商品抽检结果公示更正",
    DocumentKind.REFERRAL_LETTER: "交办函",
    DocumentKind.REFERRAL_CORRECTION: "交办情况更正函",
}

DOCUMENT_STATUSES: dict[DocumentStatus, str] = {
    DocumentStatus.TO_SEND: "待发出",
    DocumentStatus.SENT: "已发出",
    DocumentStatus.RECEIVED_BY_ANOTHER: "他人代收，待认定",
    DocumentStatus.DELIVERED: "已送达",
    DocumentStatus.RETURNED: "已退回",
    DocumentStatus.ANNOUNCED: "已公告",
    DocumentStatus.GIVEN_UP: "不再跟踪",
    DocumentStatus.WITHDRAWN: "已撤回",
}

FILING_MEANS: dict[FilingMeans, str] = {
    FilingMeans.COUNTER: "窗口提交",
    FilingMeans.POST: "邮寄",
    FilingMeans.ONLINE: "网上提交",
    FilingMeans.ORAL: "口头提出，记入笔录",
    FilingMeans.SUPERIOR_AUTHORITY: "经上级机关转来",
}

DELIVERY_MEANS: dict[DeliveryMeans, str] = {
    DeliveryMeans.IN_PERSON: "直接送达",
    DeliveryMeans.POST: "邮寄送达",
    DeliveryMeans.EMAIL: "电子邮件送达",
    DeliveryMeans.PLATFORM: "通过平台送达",
}

FAILURES: dict[FailureCause, str] = {
    FailureCause.EMAIL_BOUNCED: "电子邮件被退回",
    FailureCause.EMAIL_UNSENT: "电子邮件未能发出",
    FailureCause.PLATFORM_REFUSED: "平台接口未接收",
    FailureCause.POST_RETURNED: "邮件被退回",
    FailureCause.POST_LOST: "邮件丢失或者被撤回",
    FailureCause.NO_ADDRESS: "没有可用的送达地址",
    FailureCause.UNPRINTABLE: "无法生成版式文件",
}

VERDICTS: dict[Verdict, str] = {Verdict.CONFORMING: "合格", Verdict.NONCONFORMING: "不合格"}

ITEM_VERDICTS: dict[ItemVerdict, str] = {
    ItemVerdict.CONFORMING: "合格",
    ItemVerdict.NONCONFORMING: "不合格",
    ItemVerdict.NOT_JUDGED: "不作判定",
    ItemVerdict.NOT_APPLICABLE: "不适用",
    ItemVerdict.NOT_TESTED: "未检验",
}

ROLES: dict[Role, str] = {
    Role.OFFICER: "执法人员",
    Role.LAB: "检验机构人员",
    Role.APPROVER: "分管负责人",
    Role.SUPERVISOR: "处室负责人",
    Role.ADMIN: "系统管理员",
    Role.AUDITOR: "审计人员",
    Role.SYSTEM: "系统",
}

CATEGORIES: dict[Category, str] = {
    Category.SELLER_IN_CITY: "本市登记的网络商品经营者",
    Category.PLATFORM_IN_CITY: "本市登记的第三方交易平台上的经营者",
    Category.SELLER_IN_PROVINCE: "外地平台上本省登记的经营者",
    Category.AUTHORIZED: "其他授权或委托",
}

CONDITIONS: dict[EvidenceCondition, str] = {
    EvidenceCondition.WHOLE: "完整",
    EvidenceCondition.MISSING: "缺失",
    EvidenceCondition.ALTERED: "与登记的摘要不符",
    EvidenceCondition.UNREADABLE: "读不出来",
}

EVIDENCE: dict[EvidenceKind, str] = {
    EvidenceKind.RECORDING: "录像、录音",
    EvidenceKind.IMAGE: "图片",
    EvidenceKind.PDF: "PDF 文件",
    EvidenceKind.OFFICE: "办公文档",
    EvidenceKind.ARCHIVE: "压缩包",
}
