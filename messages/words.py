"""The Chinese titles of the field's words, in one place for timeline, documents, Temporal UI and API."""

from collections.abc import Mapping
from typing import Any

from law.judgements import Capacity, FilingMeans, PartyStanding
from law.laboratories import LabGrade
from law.quality import RecordState, SubjectKind
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
from messages.draws import DrawSubject
from messages.evidence import EvidenceCondition
from messages.found import FoundKind
from messages.order import OrderKind
from messages.planning import CommissionedTo, PlanGround
from messages.registers import AddressSource
from messages.snapshot import DocumentStatus
from messages.steps.closing import ReferralRoute
from messages.steps.result import ApprovalDocument
from messages.steps.retest import RetestedSample
from messages.steps.sampling import AbandonmentGround, BuyerKind, Holder
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

STANDINGS: dict[PartyStanding, str] = {
    PartyStanding.SILENT: "逾期未提出异议，视为无异议",
    PartyStanding.ACCEPTED: "认可检验结果",
    PartyStanding.REFUSED: "异议未获批准",
    PartyStanding.ABANDONED: "放弃复检",
    PartyStanding.RETEST: "获准复检",
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

FOUND: dict[FoundKind, str] = {
    FoundKind.BATCH: "批次编号",
    FoundKind.SCHEME: "抽检实施方案",
    FoundKind.COMMISSION: "委托或授权文号",
    FoundKind.CONTRACT: "委托检验合同",
    FoundKind.PURCHASE: "购样订单",
    FoundKind.PARCEL: "样品快递单",
    FoundKind.SEAL: "封条",
    FoundKind.WORKSHEET: "抽查检验工作单",
    FoundKind.REPORT: "检验报告",
    FoundKind.LETTER: "文号",
    FoundKind.POST: "文书邮件号码",
    FoundKind.SELLER: "网络商品经营者",
    FoundKind.REGISTRATION: "经营者登记号",
    FoundKind.PRODUCER: "标称生产者",
    FoundKind.PLATFORM: "第三方交易平台",
    FoundKind.TRADEMARK: "商标",
    FoundKind.MODEL: "规格型号",
    FoundKind.GOODS: "商品名称",
    FoundKind.LABORATORY: "检验机构",
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

BUYER_KINDS: dict[BuyerKind, str] = {
    BuyerKind.OFFICER: "执法人员",
    BuyerKind.LAB_STAFF: "承检机构人员",
    BuyerKind.CONSUMER: "消费者",
}

CAPACITIES: dict[Capacity, str] = {
    Capacity.BUYER: "买样人",
    Capacity.OFFICER: "执法人员",
    Capacity.LAB_STAFF: "承检机构人员",
    Capacity.APPLICANT: "复检申请人",
    Capacity.ORIGINAL_LABORATORY: "原检验机构",
    Capacity.RETEST_LABORATORY: "复检机构",
}

HOLDERS: dict[Holder, str] = {Holder.LABORATORY: "承检机构", Holder.BUREAU: "市局"}

ABANDONMENTS: dict[AbandonmentGround, str] = {
    AbandonmentGround.NEVER_SHIPPED: "商家未发货",
    AbandonmentGround.WRONG_GOODS: "所收商品与所购不符",
    AbandonmentGround.SPOILED: "样品损坏变质",
    AbandonmentGround.TOO_FEW: "样品数量不足",
    AbandonmentGround.PARCEL_LOST: "包裹丢失",
    AbandonmentGround.OTHER: "其他",
}

APPROVAL_DOCUMENTS: dict[ApprovalDocument, str] = {
    ApprovalDocument.RESULT_NOTICE_RECEIPT: "检验结果通知书回执",
    ApprovalDocument.WRITTEN_APPLICATION: "书面复检申请",
    ApprovalDocument.APPLICANT_QUALIFICATION: "申请人主体资格证明",
    ApprovalDocument.POWER_OF_ATTORNEY: "授权委托书",
    ApprovalDocument.AGENT_IDENTITY: "代理人身份证明",
}

RETESTED_SAMPLES: dict[RetestedSample, str] = {
    RetestedSample.TEST: "原检验用样品",
    RetestedSample.BACKUP: "备份样品",
}

GRADES: dict[LabGrade, str] = {
    LabGrade.NATIONAL: "国家级",
    LabGrade.PROVINCIAL: "省级",
    LabGrade.MUNICIPAL: "市级",
    LabGrade.OTHER: "其他",
}

ROUTES: dict[ReferralRoute, str] = {
    ReferralRoute.INSTRUCTION: "按省局或者授权机关的要求",
    ReferralRoute.ENFORCEMENT_DETACHMENT: "重大紧急或者领导交办：稽查支队",
    ReferralRoute.ONLINE_SUPERVISION_OFFICE: "重大紧急或者领导交办：网监办",
}

COMMISSIONED_TO: dict[CommissionedTo, str] = {
    CommissionedTo.LABORATORY: "检验机构（委托检验）",
    CommissionedTo.BUREAU: "下级局",
}
GROUNDS: dict[PlanGround, str] = {
    PlanGround.COMPLAINTS: "消费者投诉举报",
    PlanGround.ORGANISATIONS: "消费者组织",
    PlanGround.MEDIA: "媒体",
    PlanGround.PLATFORMS: "平台自查",
    PlanGround.ENFORCEMENT: "日常监管执法",
    PlanGround.OTHER: "其他",
}

ADDRESS_SOURCES: dict[AddressSource, str] = {
    AddressSource.PLATFORM: "平台提供",
    AddressSource.GOODS: "商品标称",
    AddressSource.INQUIRY: "调查核实",
}

ORDER_KINDS: dict[OrderKind, str] = {OrderKind.ROUTINE: "常规抽检", OrderKind.EMERGENCY: "应急抽检"}

EMERGENCY_GROUNDS = {
    "concentrated_complaints": "消费者投诉举报集中反映严重商品质量问题",
    "authority_notification": "其他政府部门通报严重商品质量问题",
    "safety_incident": "突发商品安全事件",
    "other": "其他需要开展应急抽检的情形",
}

SUBJECTS: dict[SubjectKind, str] = {
    SubjectKind.SELLER: "网络商品经营者",
    SubjectKind.PRODUCER: "标称生产者",
    SubjectKind.PRODUCT: "商品（商标和规格型号）",
    SubjectKind.PLATFORM: "第三方交易平台",
}

RECORD_STATES: dict[RecordState, str] = {
    RecordState.FINAL: "已确定",
    RecordState.OPEN_AGAIN: "正在复核",
    RecordState.ENDED: "批次已终止或者撤销",
}

DRAW_SUBJECTS: dict[DrawSubject, str] = {
    DrawSubject.BUSINESSES: "登记的经营者",
    DrawSubject.PRODUCTS: "商品",
}

_TABLES: tuple[Mapping[Any, str], ...] = (
    PHASES,
    OUTCOMES,
    PARTIES,
    RECIPIENTS,
    DOCUMENTS,
    DOCUMENT_STATUSES,
    FILING_MEANS,
    DELIVERY_MEANS,
    FAILURES,
    VERDICTS,
    ITEM_VERDICTS,
    ROLES,
    CATEGORIES,
    CONDITIONS,
    EVIDENCE,
    BUYER_KINDS,
    CAPACITIES,
    HOLDERS,
    ABANDONMENTS,
    APPROVAL_DOCUMENTS,
    RETESTED_SAMPLES,
    GRADES,
    ROUTES,
    COMMISSIONED_TO,
    GROUNDS,
    ADDRESS_SOURCES,
    ORDER_KINDS,
    SUBJECTS,
    RECORD_STATES,
    DRAW_SUBJECTS,
)
_BY_KIND = {type(next(iter(table))): table for table in _TABLES}


def word(value: str) -> str:
    """What a value of a list of choices is called, in whichever list; a ``KeyError`` where it is in none."""
    table = _BY_KIND.get(type(value), EMERGENCY_GROUNDS)
    return table[value]
