"""Courses played beside those of one outcome each: set aside, followed to the end, or left running."""

from law.vocabulary import Outcome
from local.scenarios.courses import (
    APPROVER,
    BOTH_SERVED,
    BOUGHT,
    CONFORMING,
    LAB,
    NONCONFORMING,
    OBJECTED,
    OFFICER,
    PRODUCER_ACCEPTS,
    REFERRED,
    RETESTED,
    SEALED,
    SUPERVISOR,
    Course,
    DaysAgo,
    Do,
    Lapse,
    Pass,
    delivered,
    posted,
)
from messages.steps import StepName

LOST = {
    "courier": "顺丰速运",
    "tracking_no": "SF1000000002",
    "known_on": DaysAgo(0),
    "said": "快件遗失，已受理理赔",
}

# Silence is set aside after publication and referral (decision 19).
REOPENED = Course(
    "reopened",
    "逾期登记、邮戳证明按期提交：公示后恢复异议程序，复检改变结果",
    Outcome.RETEST_OVERTURNED,
    (
        *BOTH_SERVED,
        PRODUCER_ACCEPTS,
        Lapse("objection_filed:seller", "经营者的异议期届满，视为无异议，公示并交办"),
        Pass(2),
        Do(
            OFFICER,
            StepName.OBJECTION_FILED,
            {"how": "post", "postmark": DaysAgo(20)},
            "经营者邮寄的复检申请辗转送到，邮戳在期限之内",
        ),
        Pass(1),
        Do(
            APPROVER, StepName.REOPENING_DECIDED, say="分管负责人认定按期提交：公示更正，函告承办机关暂缓办理"
        ),
        *RETESTED[len(OBJECTED) :],
        Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, CONFORMING, "复检合格，另行公示，撤回交办"),
        Pass(1),
        delivered("retest_result_notice", "seller"),
        delivered("retest_result_notice", "platform"),
        delivered("retest_result_notice", "producer"),
    ),
)

# Letters followed to their end (decision 26): one that came back posted anew, another announced.
FOLLOWED = Course(
    "followed",
    "文书送达：交寄、退回改寄、退回确认后公告",
    Outcome.ACCEPTED_BY_SILENCE,
    (
        *NONCONFORMING[:-3],
        *posted("result_notice", "seller"),
        Pass(1, "邮寄在途"),
        Do(
            OFFICER,
            StepName.DELIVERY_FAILED,
            {"cause": "post_returned", "reason": "收件人外出，无人签收"},
            "经营者的邮件退回，请执法人员确认",
        ),
        Do(OFFICER, StepName.NOTICE_POSTED, {"tracking_no": "1234567890124"}, "另行邮寄"),
        Pass(2, "邮寄在途"),
        delivered("result_notice", "seller", "经营者签收，十五日异议期起算"),
        delivered("result_notice", "platform"),
        Pass(3),
        Do(
            OFFICER,
            StepName.DELIVERY_FAILED,
            {"recipient": "producer", "cause": "post_returned", "reason": "迁移新址不明"},
            "标称生产者的邮件退回，请执法人员确认",
        ),
        Do(OFFICER, StepName.NOTICE_RETURNED, {"recipient": "producer"}, "确认退回，在官网公告"),
        Lapse("objection_filed:seller", "经营者的异议期届满，视为无异议"),
        Lapse("objection_filed:producer", "标称生产者的异议期届满，结果确定，公示并交办"),
        *REFERRED,
    ),
)
# Each laboratory drops out, the second after the sample was sealed for it.
LABORATORIES_REPLACED = Course(
    "laboratories_replaced",
    "承检机构、复检机构先后不能承担，改由其他机构检验",
    Outcome.RETEST_UPHELD,
    (
        *SEALED,
        Do(OFFICER, StepName.LABORATORY_REPLACED, say="承检机构设备故障，改定承检机构，检验周期重新起算"),
        Pass(8, "另一承检机构检验"),
        delivered("withdrawal_notice", "laboratory", "原承检机构收到委托撤回的告知"),
        Do(OFFICER, StepName.REPORT_RECEIVED, {"laboratory": "LAB-03"}, "收到另一承检机构的纸质报告"),
        *BOTH_SERVED[len(SEALED) + 2 :],
        *RETESTED[len(BOTH_SERVED) :],
        Do(
            OFFICER,
            StepName.LABORATORY_REPLACED,
            {"laboratory": {"code": "LAB-04", "name": "长三角示例检测中心", "registration": None}},
            "复检机构不能承担，改定复检机构，样品移交",
        ),
        Pass(1),
        delivered("retest_lab_notice", "seller"),
        delivered("withdrawal_notice", "retest_laboratory"),
        delivered("retest_lab_notice", "retest_laboratory"),
        Pass(10, "另一复检机构检验"),
        Do(OFFICER, StepName.RETEST_REPORT_RECEIVED, {"laboratory": "LAB-04"}, "复检仍不合格，公示并交办"),
        Pass(1),
        delivered("retest_result_notice", "seller"),
        delivered("retest_result_notice", "platform"),
        *REFERRED,
    ),
)
# The day of an application that no postmark tells (procedure section 4).
FILED_OTHERWISE = Course(
    "filed_otherwise",
    "邮戳无法辨认的申请、口头提出的申请，均未获批准",
    Outcome.OBJECTION_REFUSED,
    (
        *BOTH_SERVED,
        Pass(3),
        Do(
            SUPERVISOR,
            StepName.OBJECTION_FILED,
            {
                "how": "post",
                "postmark_illegible": True,
                "supervisor_reason": "邮戳被水浸，寄递企业无收寄记录",
            },
            "经营者的申请邮戳无法辨认，处室负责人说明理由，以收件日期减去寄递通常所需的日数认定",
        ),
        Do(
            OFFICER,
            StepName.OBJECTION_FILED,
            {"party": "producer", "how": "oral", "written_record": "BL-2026-0001"},
            "标称生产者到场口头提出，记入笔录",
        ),
        Pass(1),
        *(
            Do(
                APPROVER,
                StepName.OBJECTION_DECIDED,
                {"party": party, "approved": False, "reasons": "申请理由不涉及检验结果"},
                "分管负责人不批准复检，告知理由",
            )
            for party in ("seller", "producer")
        ),
        delivered("retest_refusal", "seller"),
        delivered("retest_refusal", "producer"),
        *REFERRED,
    ),
)
# The district passes the case on after it has acknowledged it, and a third authority concludes it.
PASSED_ON = Course(
    "passed_on",
    "交办后移送：属地区局签收后移送，由另一机关接办并办结",
    Outcome.ACCEPTED_EXPRESSLY,
    (
        *BOTH_SERVED,
        Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}, "经营者书面认可结果"),
        PRODUCER_ACCEPTS,
        *REFERRED[:2],
        Pass(3),
        Do(OFFICER, StepName.REFERRAL_PASSED_ON, say="属地区局移送另一区局，另行发出交办函"),
        Pass(2),
        Do(
            OFFICER,
            StepName.REFERRAL_ACKNOWLEDGED,
            {"by": "杭州市余杭区市场监督管理局"},
            "另一区局签收",
        ),
        Pass(20),
        Do(
            OFFICER,
            StepName.REFERRAL_CONCLUDED,
            {"by": "杭州市临平区市场监督管理局", "takes_over": "区划调整，案件由临平区局接办"},
            "因区划调整由第三个区局接办并办结，批次关闭",
        ),
    ),
)
# The producer says before the publication that the goods are not his.
DISOWNED = Course(
    "disowned",
    "标称生产者否认生产，只公示经营者",
    Outcome.ACCEPTED_BY_SILENCE,
    (
        *BOTH_SERVED,
        Pass(3),
        Do(SUPERVISOR, StepName.PRODUCER_DISOWNED, say="标称生产者否认生产，处室负责人认定属实"),
        Lapse("objection_filed:seller", "经营者的异议期届满，公示只列经营者并说明原因，交办"),
        *REFERRED,
    ),
)
# The seller has moved: its letter comes back and is posted to its new address, as are all later ones.
ADDRESS_CHANGED = Course(
    "address_changed",
    "经营者迁址：退回后改寄新址，其后的文书均寄往新址",
    Outcome.OBJECTION_REFUSED,
    (
        *NONCONFORMING[:-3],
        *posted("result_notice", "seller"),
        Pass(2, "邮寄在途"),
        Do(
            OFFICER,
            StepName.DELIVERY_FAILED,
            {"cause": "post_returned", "reason": "迁移新址"},
            "经营者的邮件退回，收件人已迁移",
        ),
        Do(
            OFFICER,
            StepName.NOTICE_POSTED,
            {
                "tracking_no": "1234567890124",
                "address": "浙江省杭州市余杭区示例路9号",
                "address_source": "经营者电话告知，登记机关变更信息核实",
            },
            "改寄经营者的新地址",
        ),
        Pass(2, "邮寄在途"),
        delivered("result_notice", "seller", "经营者签收，十五日异议期起算"),
        delivered("result_notice", "platform"),
        delivered("result_notice", "producer"),
        *OBJECTED[len(BOTH_SERVED) :],
        Do(
            APPROVER,
            StepName.OBJECTION_DECIDED,
            {"approved": False, "reasons": "申请理由不涉及检验结果"},
            "分管负责人不批准复检，告知理由",
        ),
        delivered("retest_refusal", "seller"),
        *REFERRED,
    ),
)
# A parcel is lost, the others do not suffice, and sampling is given up.
PARCEL_LOST = Course(
    "parcel_lost",
    "包裹丢失，样品不足，终止抽样",
    Outcome.ABANDONED,
    (
        BOUGHT[0],
        Pass(3),
        Do(
            LAB,
            StepName.RECEIVED,
            {"all_in": False, "parcels": [], "lost": [LOST]},
            "快递公司确认包裹丢失，请执法人员处理",
        ),
        Pass(2),
        Do(
            OFFICER,
            StepName.SAMPLING_ABANDONED,
            {"ground": "parcel_lost", "reason": "包裹丢失，商家无货可补"},
            "样品不足，终止抽样",
        ),
    ),
)
BESIDE = (
    REOPENED,
    FOLLOWED,
    LABORATORIES_REPLACED,
    FILED_OTHERWISE,
    PASSED_ON,
    DISOWNED,
    ADDRESS_CHANGED,
    PARCEL_LOST,
)

UNFINISHED: tuple[Course, ...] = (
    Course("waiting", "正在等待：异议期内", None, (*BOTH_SERVED, Pass(3))),
    Course(
        "late",
        "已逾期：检验报告迟迟未到，逐级提醒",
        None,
        (
            *SEALED,
            Lapse("report_submitted", "合同约定的检验周期届满，仍未收到检验报告"),
            Pass(5, "继续等待，逐级报告"),
        ),
    ),
)
