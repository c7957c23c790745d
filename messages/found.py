"""By what a batch is found: the numbers and the names that a clerk has in hand."""

from collections.abc import Iterable
from enum import StrEnum

from law.names import is_unknown
from messages.base import Message
from messages.order import BatchOrder


class FoundKind(StrEnum):
    """What a found text is to its batch."""

    BATCH = "batch"
    SCHEME = "scheme"
    COMMISSION = "commission"
    CONTRACT = "contract"
    PURCHASE = "purchase"
    PARCEL = "parcel"
    SEAL = "seal"
    WORKSHEET = "worksheet"
    REPORT = "report"
    LETTER = "letter"
    POST = "post"
    SELLER = "seller"
    REGISTRATION = "registration"
    PRODUCER = "producer"
    PLATFORM = "platform"
    TRADEMARK = "trademark"
    MODEL = "model"
    GOODS = "goods"
    LABORATORY = "laboratory"


class FoundBy(Message):
    """A text by which a batch is found, as written; ``document_id``: of the letter that it belongs to."""

    kind: FoundKind
    said: str
    document_id: str = ""


def of_order(batch_no: str, order: BatchOrder) -> tuple[FoundBy, ...]:
    """By what a batch is found from its order on."""
    said: list[tuple[FoundKind, str | None]] = [
        (FoundKind.BATCH, batch_no),
        (FoundKind.SCHEME, order.scheme.reference),
        (FoundKind.COMMISSION, order.commission.commission_no if order.commission else None),
        (FoundKind.COMMISSION, order.authorization),
        (FoundKind.CONTRACT, order.laboratory.contract_no),
        (FoundKind.LABORATORY, order.laboratory.name),
        (FoundKind.SELLER, order.seller.name),
        (FoundKind.REGISTRATION, order.seller.registration),
        (FoundKind.PRODUCER, order.producer.name if order.producer else None),
        (FoundKind.PLATFORM, order.platform.name if order.platform else None),
        (FoundKind.TRADEMARK, order.goods.trademark),
        (FoundKind.MODEL, order.goods.spec_model),
        (FoundKind.GOODS, order.goods.name),
    ]
    return known(said)


def known(said: Iterable[tuple[FoundKind, str | None]]) -> tuple[FoundBy, ...]:
    """Each once; what says nothing ("/", 无) finds nothing."""
    found = (FoundBy(kind=kind, said=text) for kind, text in said if text and not is_unknown(text))
    return tuple(dict.fromkeys(found))
