"""The columns of lists, whatever they are called; their names are data (``lists/carriers.yaml``)."""

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
    FINDING = "finding"
    CODE = "code"
    NAME = "name"
    REGISTRATION = "registration"
    NATURAL_PERSON = "natural_person"
    CONTACT = "contact"
    TELEPHONE = "telephone"
    EMAIL = "email"
    GRADE = "grade"
    COUNTRY = "country"
    PROVINCE = "province"
    CITY = "city"
    DISTRICT = "district"
    DETAIL = "detail"
    URL = "url"
    ITEM = "item"
    STANDARD = "standard"
    VALID_UNTIL = "valid_until"
    CONTRACT_NO = "contract_no"
    CONTRACT_FROM = "contract_from"
    CONTRACT_TO = "contract_to"
    TESTING_DAYS = "testing_days"
    PRICE = "price"
    SHOP_URL = "shop_url"
    SHOP_PLATFORM = "shop_platform"
    ADDRESS_SOURCE = "address_source"
    OTHER_ADDRESS = "other_address"
    ADDRESS_PLATFORM = "address_platform"
    DISTRICTS = "districts"
    OWN_NO = "own_no"
    PRODUCT_KIND = "product_kind"
    LABORATORY = "laboratory"
    PLATFORM = "platform"
    SELLER_CODE = "seller_code"
    PRODUCER_CODE = "producer_code"
    PRODUCER_NAME = "producer_name"
    PRODUCER_ADDRESS = "producer_address"
    TRADEMARK = "trademark"
    SPEC_MODEL = "spec_model"
    LINK = "link"
    ORDER_KIND = "kind"
    EMERGENCY_GROUND = "emergency_ground"
    OTHER_GROUND = "other_ground"
    AUTHORIZATION = "authorization"
    COMMISSION_ID = "commission_id"
    COMMISSION_BUREAU = "commission_bureau"
    COMMISSION_NO = "commission_no"
    COMMISSION_MATTER = "commission_matter"
    FOLLOWS_UP = "follows_up"
    SUPERVISOR_REASON = "supervisor_reason"
    WEIGHT = "weight"
    EXCLUDED = "excluded"
    DRAW_ID = "draw_id"
    CANDIDATE = "candidate"


class PostResult(StrEnum):
    """What the post says of a letter, in the order in which it is believed."""

    RETURNED = "returned"
    LOST = "lost"
    ANOTHER = "received_by_another"
    UNDER_WAY = "under_way"
    DELIVERED = "delivered"


@dataclass(frozen=True)
class Columns:
    """The columns of one kind of list by their names, the first of which is ours.

    ``required``: of each of these groups a list must have one. ``passed_over``: the folded titles of columns
    that are neither read nor searched for signs.
    """

    names: Mapping[Column, Sequence[str]]
    required: Sequence[Sequence[Column]]
    passed_over: frozenset[str] = frozenset()

    def by_name(self) -> dict[str, Column]:
        """The column for each of its names, folded."""
        return {folded(name): column for column, names in self.names.items() for name in names}

    def ours(self, *columns: Column) -> tuple[str, ...]:
        """What we call these columns ourselves."""
        return tuple(self.names[column][0] for column in columns)


_SEPARATORS = re.compile(r"[\W_]+")
_REMARK = re.compile(r"\([^()]*\)")


def folded(word: str) -> str:
    """Width, case, blanks and punctuation made equal."""
    return _SEPARATORS.sub("", unicodedata.normalize("NFKC", word).casefold())


def folded_title(title: str) -> str:
    """A column's title as people write it, without what they add in brackets: 交寄日期（必填）."""
    return folded(_REMARK.sub("", unicodedata.normalize("NFKC", title)))


_NAMES_A_LETTER = (Column.DOCUMENT_ID, Column.NUMBER)
POSTING_REQUIRED = (_NAMES_A_LETTER, (Column.TRACKING_NO,), (Column.POSTED_ON,))
RECEIPT_REQUIRED = ((Column.TRACKING_NO, *reversed(_NAMES_A_LETTER)), (Column.RESULT,), (Column.DAY,))
# What an officer finds of letters that a sign stands against; nobody but us writes such lists.
FINDING_COLUMNS = Columns(
    {
        Column.DOCUMENT_ID: ("文书编号", "文书id", "document_id"),
        Column.NUMBER: ("文号", "文书号", "number"),
        Column.FINDING: ("认定", "认定结果", "finding"),
        Column.DAY: ("认定日期", "日期", "退回日期", "送达日期", "day"),
        Column.REASON: ("原因", "退回原因", "reason"),
        Column.RECEIPT_NO: ("回证编号", "送达回证编号", "receipt_no"),
    },
    (_NAMES_A_LETTER, (Column.FINDING,)),
)
