"""What the columns of lists are called, here and elsewhere, and the post's words for what became of a letter.

Only data: another carrier's list is taught to the import by a word in these tables.
"""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Column(StrEnum):
    DOCUMENT_ID = "document_id"
    NUMBER = "number"
    TRACKING_NO = "tracking_no"
    POSTED_ON = "posted_on"
    CARRIER = "carrier"
    ADDRESS = "address"
    RESULT = "result"
    DAY = "day"
    SIGNER = "signer"
    RECEIPT_NO = "receipt_no"
    REASON = "reason"


class PostResult(StrEnum):
    """What the post says of a letter; only the first two are recorded."""

    DELIVERED = "delivered"
    RETURNED = "returned"
    UNDER_WAY = "under_way"


@dataclass(frozen=True)
class Columns:
    """The columns of one kind of list by their names, the first of which is ours.

    ``required``: of each of these groups a list must have one.
    """

    names: Mapping[Column, Sequence[str]]
    required: Sequence[Sequence[Column]]

    def by_name(self) -> dict[str, Column]:
        """The column for each of its names, folded."""
        return {folded(name): column for column, names in self.names.items() for name in names}

    def ours(self, *columns: Column) -> tuple[str, ...]:
        """What we call these columns ourselves."""
        return tuple(self.names[column][0] for column in columns)


# The first name of each column is its name in what we write ourselves.
_LETTER = {
    Column.DOCUMENT_ID: "文书编号 文书id document_id",
    Column.NUMBER: "文号 文书号 发文字号 number",
    Column.TRACKING_NO: """
        邮件号码 邮件号 运单号 运单号码 快递单号 快递号 单号 物流单号 详情单号 条码号 邮件条码 EMS号码 EMS单号
        tracking_no mailno waybill""",
}
_POSTING = _LETTER | {
    Column.POSTED_ON: """
        交寄日期 交寄时间 寄出日期 寄出时间 收寄日期 收寄时间 寄件日期 寄件时间 邮寄日期 邮寄时间 日期
        posted_on""",
    Column.CARRIER: "寄递企业 快递公司 物流公司 承运商 承运公司 carrier",
    Column.ADDRESS: "寄往地址 收件地址 收件人地址 收件人详细地址 address",
}
_RECEIPT = _LETTER | {
    Column.RESULT: """
        结果 投递结果 妥投结果 邮件状态 投递状态 签收状态 物流状态 运单状态 当前状态 状态 result""",
    Column.DAY: """
        日期 签收日期 签收时间 妥投日期 妥投时间 投递日期 投递时间 送达日期 送达时间 退回日期 退回时间
        退件日期 退件时间 结果日期 结果时间 day""",
    Column.SIGNER: "签收人 签收人姓名 实际签收人 签收人签名 代收人 signer",
    Column.RECEIPT_NO: "回证编号 送达回证编号 回执编号 回执号 receipt_no",
    Column.REASON: "退回原因 退件原因 未妥投原因 未投妥原因 拒收原因 异常原因 原因 reason",
}
_WORDS = {
    PostResult.DELIVERED: """
        妥投 已妥投 投递成功 投递并签收 已投递并签收 签收 已签收 送达 已送达 delivered
        本人签收 本人收 妥投本人签收 妥投本人收 已签收本人 已签收本人签收
        代收 代签收 已代收 他人签收 他人代收 他人代签收 妥投他人代收 已签收他人代收 家人签收 家人代收 同事代收
        门卫代收 物业代收 前台签收 前台代收 单位收发章 单位收发章签收 妥投单位收发章 收发室签收 收发室代收""",
    PostResult.RETURNED: """
        退回 已退回 退件 已退件 退回件 退回寄件人 已退回寄件人 退回妥投 退回签收 退件签收 退件妥投 退回件妥投
        拒收 已拒收 拒收退回 拒绝签收 逾期退回 查无此人退回 地址不详退回 returned""",
    PostResult.UNDER_WAY: """
        在途 在途中 运输中 转运中 已收寄 收寄 揽收 已揽收 投递中 派送中 派件中 安排投递 待投递 未妥投
        投递未成功 再投 待自取 存局候领 到达投递局 已到达投递局 退回中 退件中 under_way""",
}
_SEPARATORS = re.compile(r"[\W_]+")
_REMARK = re.compile(r"\([^()]*\)")


def folded(word: str) -> str:
    """Width, case, blanks and punctuation made equal."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", word).casefold())


POSTING_COLUMNS = Columns(
    {column: names.split() for column, names in _POSTING.items()},
    ((Column.DOCUMENT_ID, Column.NUMBER), (Column.TRACKING_NO,), (Column.POSTED_ON,)),
)
RECEIPT_COLUMNS = Columns(
    {column: names.split() for column, names in _RECEIPT.items()},
    ((Column.TRACKING_NO, Column.NUMBER, Column.DOCUMENT_ID), (Column.RESULT,), (Column.DAY,)),
)
POST_RESULTS = {folded(word): result for result, words in _WORDS.items() for word in words.split()}


def folded_title(title: str) -> str:
    """A column's title as people write it, without what they add in brackets: 交寄日期（必填）."""
    return folded(_REMARK.sub("", unicodedata.normalize("NFKC", title)))
