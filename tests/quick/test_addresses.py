"""An address that changed: the letter goes there, and so do the party's later letters (§6)."""

from typing import Any

import pytest
from pydantic import ValidationError

from law.vocabulary import DocumentKind, Party, Recipient, Role
from local.scenarios.beside import ADDRESS_CHANGED
from local.scenarios.courses import NONCONFORMING, SEALED, Do, example_body
from messages.snapshot import DocumentStatus
from messages.steps import StepName
from messages.steps.service import NoticePosted
from tests.quick.memory import BEGAN
from tests.quick.table import Table

OFFICER = Role.OFFICER
POSTED = StepName.NOTICE_POSTED
NEW = "浙江省杭州市余杭区示例路9号"
TOLD = NONCONFORMING[:-3]


async def refused_at(table: Table, changes: dict[str, Any]) -> tuple[str | None, str | None]:
    """Where the seller's result notice was posted to, and the address on its next letter."""
    acts = ADDRESS_CHANGED.acts
    batch_no = await table.opened(
        tuple(
            Do(act.role, act.step, changes)
            if isinstance(act, Do) and act.step is POSTED and "address" in act.changes
            else act
            for act in acts[: len(acts) - 4]
        )
    )
    documents = (await table.snapshot(batch_no)).documents
    about = (DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    (first,) = [d for d in documents if (d.kind, d.recipient) == about]
    (refusal,) = [paper for paper in table.papers(batch_no) if paper.kind is DocumentKind.RETEST_REFUSAL]
    return first.posted_to, refusal.address


async def test_with_its_source_a_new_address_holds_for_later_letters(table: Table) -> None:
    """The letter that came back is posted again at the new address, and the next one bears it."""
    changes = {"tracking_no": "1234567890124", "address": NEW, "address_source": "经营者电话告知"}
    assert await refused_at(table, changes) == (NEW, NEW)


async def test_without_a_source_it_is_of_this_posting_alone(table: Table) -> None:
    """One of the two addresses of a seller, as a list of the post has it, changes nothing."""
    posted_to, next_one = await refused_at(table, {"tracking_no": "1234567890124", "address": NEW})
    assert posted_to == NEW
    assert next_one != NEW


async def test_the_address_is_the_partys_own(table: Table) -> None:
    """Another party's letters go where they went."""
    batch_no = await table.opened(TOLD)
    changes = {"recipient": "seller", "address": NEW, "address_source": "经营者电话告知"}
    assert (await table.example(batch_no, OFFICER, POSTED, **changes)).accepted
    kept = table.world(batch_no).kept["parties"]
    assert kept[Party.SELLER]["address"] == NEW
    assert kept[Party.PRODUCER]["address"] == "浙江省金华市永康市示例工业区6号"


def test_a_source_is_of_an_address() -> None:
    with pytest.raises(ValidationError, match="应当填写寄往地址"):
        NoticePosted.model_validate(example_body(POSTED, BEGAN, {"address_source": "经营者电话告知"}))


async def test_what_lies_in_the_queue_for_the_party_is_written_anew(table: Table) -> None:
    """A letter that bears the old address is not posted any more; its successor bears the new one."""
    undelivered = tuple(act for act in SEALED if getattr(act, "step", None) is not StepName.NOTICE_DELIVERED)
    batch_no = await table.opened((*undelivered, Do(OFFICER, StepName.REPORT_RECEIVED)))
    changes = {
        "notice": "inspection_notice",
        "recipient": "seller",
        "address": NEW,
        "address_source": "经营者电话告知",
    }
    assert (await table.example(batch_no, OFFICER, POSTED, **changes)).accepted
    old, new = [
        letter
        for letter in (await table.snapshot(batch_no)).documents
        if (letter.kind, letter.recipient) == (DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    ]
    assert (old.status, new.address) == (DocumentStatus.WITHDRAWN, NEW)
    others = [d for d in (await table.snapshot(batch_no)).documents if d.recipient is Recipient.PRODUCER]
    assert {letter.status for letter in others} == {DocumentStatus.TO_SEND}
