"""Letters as their readers have them: whom to ask, what to fill in, one form of all, no page wasted."""

import re
from collections.abc import Sequence

import pytest

from law.vocabulary import DocumentKind, Recipient
from local.scenarios.courses import (
    APPROVER,
    BOTH_SERVED,
    COURSES,
    OFFICER,
    PRODUCER_ACCEPTS,
    RETEST_NOTIFIED,
    Act,
    DaysAgo,
    Do,
    Lapse,
    Pass,
)
from messages.letter import LetterFacts
from messages.records import Paper, RecordInput
from messages.steps import StepName
from store.canonical import as_stored
from tests.letters.builders import TYPESETTER, pages
from tests.quick.memory import REGULATION, Memory, opening
from tests.quick.played import begun

SILENT = (*BOTH_SERVED, PRODUCER_ACCEPTS, Lapse("objection_filed:seller"), Pass(1))
FILED_IN_TIME = Do(OFFICER, StepName.OBJECTION_FILED, {"how": "post", "postmark": DaysAgo(20)})
NOT_REOPENED = Do(APPROVER, StepName.REOPENING_DECIDED, {"approved": False, "reasons": "邮戳系伪造"})
SELLER_ACCEPTS = Do(OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"})
TO_THE_DETACHMENT = Do(
    APPROVER, StepName.REFERRAL_DIRECTED, {"route": "enforcement_detachment", "authority": None}
)
READ = {
    **{course.name: course.acts for course in COURSES},
    "voided_late": (*BOTH_SERVED, Do(APPROVER, StepName.VOIDED)),
    "voided_in_the_retest": (*RETEST_NOTIFIED, Do(APPROVER, StepName.VOIDED)),
    "not_reopened": (*SILENT, FILED_IN_TIME, NOT_REOPENED),
    "urgent": (*BOTH_SERVED, SELLER_ACCEPTS, PRODUCER_ACCEPTS, TO_THE_DETACHMENT),
}
# Words of the program, of our own notes and of the ledger, and days as machines write them.
NOT_A_READERS = re.compile(r"§|[a-z]+_[a-z]+|规程第\d+节|\d{4}-\d\d-\d\d|不合格（不合格|合格（合格")


async def letters(acts: Sequence[Act]) -> list[LetterFacts]:
    """Every letter of a course, with numbers as the record gives them."""
    batch = begun()
    await batch.play(acts)
    batch.end()
    return letters_of(batch.world)


def letters_of(world: Memory) -> list[LetterFacts]:
    numbers: dict[str, str] = {}
    made = []
    for change in world.changes:
        for paper in change.papers:
            numbers[paper.document_id] = paper.number_form.format(year=2026, number=len(numbers) + 1)
            made.append(_letter(change, paper, numbers))
    return made


def _letter(change: RecordInput, paper: Paper, numbers: dict[str, str]) -> LetterFacts:
    stored = as_stored(paper)
    return LetterFacts(
        **{name: stored[name] for name in LetterFacts.model_fields if name in stored},
        batch_no=change.snapshot.batch_no,
        number=numbers[paper.document_id],
        sha256="0" * 64,
        secret="2" * 26,
        created_at=change.now,
        corrects_number=paper.corrects and numbers[paper.corrects],
        numbers=dict(numbers),
    )


def read(letter: LetterFacts) -> list[str]:
    return pages(TYPESETTER.typeset(letter))


def of(made: Sequence[LetterFacts], kind: DocumentKind, recipient: Recipient) -> LetterFacts:
    return next(one for one in made if (one.kind, one.recipient) == (kind, recipient))


@pytest.mark.parametrize("course", READ)
async def test_every_letter_says_whom_to_ask_and_speaks_its_readers_language(course: str) -> None:
    """Name, telephone and address; the rules by their own name; days in one form; the verdict once."""
    for letter in await letters(READ[course]):
        text = "".join(read(letter))
        assert "（联系方式：市局网监处0571-00000000，杭州市示例路1号）" in text, letter.document_id
        assert f"《{REGULATION.title}》" in text, letter.document_id
        assert not NOT_A_READERS.findall(text), (letter.document_id, text)


@pytest.mark.parametrize("course", READ)
async def test_no_letter_spills_a_line_or_two_on_another_page(course: str) -> None:
    """A last page holds text worth turning over for, before signature and imprint."""
    for letter in await letters(READ[course]):
        made = read(letter)
        last = next(page for page in made if "（印章）" in page)
        before = last.partition("杭州市市场监督管理局（印章）")[0]
        assert last is made[0] or len(before) >= 90, (letter.document_id, before)


async def test_the_bureaus_own_contact_stands_before_the_schemes() -> None:
    """Where the regulation file names one."""
    contact = {"name": "市局网监处", "telephone": "0571-11111111", "address": "杭州市示例路2号"}
    bureaus = REGULATION.bureaus.model_dump() | {"contact": contact}
    with_contact = type(REGULATION).model_validate(REGULATION.model_dump() | {"bureaus": bureaus})
    batch = begun()
    batch.end()
    batch = type(batch)(Memory(opening(regulation=with_contact)))
    await batch.settled()
    batch.end()
    (letter,) = letters_of(batch.world)
    text = "".join(read(letter))
    assert "（联系人：市局网监处；电话：0571-11111111；地址：杭州市示例路2号）" in text


async def test_who_may_apply_has_the_receipt_to_fill_in() -> None:
    """检验结果通知书回执 is among what an application needs (§6); a platform applies for nothing."""
    made = await letters(BOTH_SERVED)
    for recipient in (Recipient.SELLER, Recipient.PRODUCER):
        letter = of(made, DocumentKind.RESULT_NOTICE, recipient)
        receipt = read(letter)[-1]
        assert receipt.startswith("检验结果通知书回执")
        for part in (letter.number, letter.recipient_name, "收到日期年月日", "签收人", "收回回执的人员"):
            assert part in receipt, part
    assert "回执" not in "".join(read(of(made, DocumentKind.RESULT_NOTICE, Recipient.PLATFORM)))


async def test_the_worksheet_goes_with_the_inspection_notice() -> None:
    """Made of the sealing's facts, with room for each of those present to sign (§5)."""
    made = await letters(BOTH_SERVED)
    for recipient in (Recipient.SELLER, Recipient.PLATFORM):
        worksheet = read(of(made, DocumentKind.INSPECTION_NOTICE, recipient))[-1]
        assert worksheet.startswith("网络商品质量抽查检验工作单编号：GZD-2026-0001")
        for part in ("封条编号FT-0001", "封条编号FT-0002", "LX-2026-0002", "顺丰SF1000000001", "签名、日期"):
            assert part in worksheet, part
        for name in ("王买样", "李执法", "张执法", "赵检验", "钱检验"):
            assert name in worksheet, name


async def test_a_referral_lists_letters_by_number_and_day_and_what_failed() -> None:
    """With price, addresses and who has handled it; pages are filled in when the file is handed over."""
    made = await letters(READ["accepted_expressly"])
    text = "".join(read(of(made, DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY)))
    notice = of(made, DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    for part in (
        notice.number,
        "89.00元",
        "耐热冲击",
        "出现裂纹",
        "我局经办人",
        "浙江省杭州市西湖区示例路1号",
        "页数",
    ):
        assert part in text, part


async def test_an_announcement_asks_in_one_sentence() -> None:
    """请于…前: what is to be done by when, and what follows where it is not."""
    made = await letters(READ["accepted_by_silence"])
    text = "".join(read(of(made, DocumentKind.ANNOUNCEMENT, Recipient.PUBLIC)))
    asked = r"请于\d{4}年\d+月\d+日24时前向我局提出书面复检申请；逾期未提出的，视为对检验结果无异议。"
    assert re.search(asked, text)


async def test_a_voidance_notice_names_the_letters_that_no_longer_apply() -> None:
    """By title and number; a laboratory is asked to stop."""
    made = await letters(READ["voided_late"])
    seller = "".join(read(of(made, DocumentKind.VOIDANCE_NOTICE, Recipient.SELLER)))
    notice = of(made, DocumentKind.RESULT_NOTICE, Recipient.SELLER)
    assert f"抽检结果通知书（{notice.number}）不再适用" in seller
    laboratory = "".join(read(of(made, DocumentKind.VOIDANCE_NOTICE, Recipient.LABORATORY)))
    assert "请停止检验" in laboratory
    retested = await letters(READ["voided_in_the_retest"])
    laboratory = "".join(read(of(retested, DocumentKind.VOIDANCE_NOTICE, Recipient.RETEST_LABORATORY)))
    assert "请停止复检" in laboratory


async def test_a_referral_lists_recordings_receipts_and_the_papers_of_applications() -> None:
    """The authority can ask for every one of them."""
    made = await letters(READ["objection_refused"])
    text = "".join(read(of(made, DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY)))
    for part in (
        *("购买过程屏幕录像LX-2026-0001", "拆包查验和封样录像LX-2026-0002", "GZD-2026-0001"),
        *("抽检结果通知书（网络商品经营者）送达凭据", "书面复检申请书（网络商品经营者）SQ-2026-0001"),
    ):
        assert part in text, part


async def test_a_referral_is_copied_to_whom_it_is_copied() -> None:
    """To the online supervision office by rule; not where a leader has another authority act (§7)."""
    made = await letters(READ["urgent"])
    first, second = [
        "".join(read(letter))
        for letter in made
        if (letter.kind, letter.recipient) == (DocumentKind.REFERRAL_LETTER, Recipient.AUTHORITY)
    ]
    assert "抄送：杭州市市场监督管理局网监办。" in first
    assert "抄送" not in second


async def test_a_refusal_says_what_can_be_done_against_it() -> None:
    """As the regulation file has it; and the result notice, that the superior authority may be asked."""
    refused, late = await letters(READ["objection_refused"]), await letters(READ["not_reopened"])
    for made, kind in (
        (refused, DocumentKind.RETEST_REFUSAL),
        (late, DocumentKind.REOPENING_REFUSAL),
        (refused, DocumentKind.RESULT_NOTICE),
    ):
        remedy = REGULATION.recipients[kind].remedy
        assert remedy is not None
        assert remedy.reading
        text = re.sub(r"—\d+—", "", "".join(read(of(made, kind, Recipient.SELLER))))
        assert remedy.text in text, kind
    notice = "".join(read(of(refused, DocumentKind.RESULT_NOTICE, Recipient.PLATFORM)))
    assert "上级市场监督管理部门" not in notice


async def test_a_party_is_spoken_to_and_not_of() -> None:
    """Days in one form, that of the postmark among them."""
    made = await letters(READ["not_reopened"])
    text = "".join(read(of(made, DocumentKind.REOPENING_REFUSAL, Recipient.SELLER)))
    assert re.search(r"你（单位）提出异议（\d{4}年\d+月\d+日邮戳", text)
    assert "网络商品经营者提出异议" not in text
