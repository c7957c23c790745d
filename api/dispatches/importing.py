"""A list taken in row by row: each row is a step like any other, and each is answered."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from uuid import NAMESPACE_URL, UUID, uuid5

from api import filing
from api.dispatches.lines import Line, NothingToRecord, step_of
from api.dispatches.views import ListAnswer, RowAnswer, RowStatus
from api.web.runtime import Runtime
from lists.faults import CellFault
from lists.reading import Sheet
from lists.rows import Row
from messages.base import Actor
from messages.envelope import Decision, StepEnvelope
from messages.steps import Step, StepName
from store.canonical import canonical
from store.documents.named import Named, NamedLetter, named
from store.errors import StoreError
from store.ledger import filings

Reader = Callable[[Row], Line]
_ACCEPTED = {StepName.NOTICE_RECEIVED_BY_ANOTHER: RowStatus.RECEIVED_BY_ANOTHER}
# Of each step that a row may become: what the day of the row is in it.
_DAYS = ("posted_on", "delivered_on", "received_on", "returned_on", "failed_on")
_FOLLOWS = {StepName.NOTICE_RETURNED: "随之发布公告，自公告之日起视为送达（§6）"}
_NAMESPACE = uuid5(NAMESPACE_URL, "urn:choujian:dispatches")


@dataclass(frozen=True)
class _Wanted:
    """A step that a row wants done on a letter, and why. ``same_as``: an earlier row that wants the same."""

    row: int
    letter: NamedLetter
    envelope: StepEnvelope
    because: str | None
    same_as: int | None


async def take_in(deps: Runtime, actor: Actor, sheet: Sheet, reader: Reader, *, dry_run: bool) -> ListAnswer:
    """Do what the list says, or (``dry_run``) say what would be done. One bad row spoils no other.

    A step's id comes from what it says: the same list again, or after half of it was filed, does nothing
    twice.
    """
    lines, unread = _lines(sheet, reader)
    known = await named(
        deps.engine,
        document_ids={line.document_id for line in lines.values() if line.document_id},
        numbers={line.number for line in lines.values() if line.number},
        tracking_nos={no for line in lines.values() for no in (line.tracking_no, line.parcel) if no},
    )
    wanted, without_step = _wanted(lines, known, actor)
    answers = [*unread, *without_step, *await (_planned if dry_run else _done)(deps, wanted)]
    answers.sort(key=lambda answer: answer.row)
    return ListAnswer(
        dry_run=dry_run,
        counts=dict(Counter(answer.status for answer in answers)),
        unused_columns=sheet.unused,
        rows=tuple(answers),
    )


def _lines(sheet: Sheet, reader: Reader) -> tuple[dict[int, Line], list[RowAnswer]]:
    """What the rows say, by their numbers, and the answers to those that say nothing or cannot be read."""
    lines: dict[int, Line] = {}
    answers: list[RowAnswer] = []
    for number, row in sheet.rows:
        try:
            lines[number] = reader(row)
        except NothingToRecord as nothing:
            answers.append(_blank(number, nothing))
        except CellFault as fault:
            answers.append(_invalid(number, fault))
    return lines, answers


def _wanted(lines: Mapping[int, Line], known: Named, actor: Actor) -> tuple[list[_Wanted], list[RowAnswer]]:
    """The steps that the lines want done, and the answers where nothing can be done."""
    about, answers = _about_letters(lines, known)
    # A carrier tells a letter's way in several rows, in this order or that.
    came_back = known.came_back | {
        (letter.document_id, _parcel_of(line, letter)) for _, line, letter in about if line.comes_back(letter)
    }
    wanted: list[_Wanted] = []
    first_rows: dict[UUID, int] = {}
    for row, line, letter in about:
        parcel = _parcel_of(line, letter)
        is_back = (letter.document_id, parcel) in came_back or _is_failing(letter, parcel)
        try:
            row_step = step_of(line, letter, came_back=is_back)
            if line.parcel is not None:
                _put_into(line.parcel, letter, known, getattr(row_step.step, "address", None))
            envelope = _envelope(letter, row_step.step, actor)
        except NothingToRecord as nothing:
            answers.append(_blank(row, nothing, letter))
            continue
        except CellFault as fault:
            answers.append(_invalid(row, fault, letter, line))
            continue
        first = first_rows.setdefault(envelope.step_id, row)
        wanted.append(_Wanted(row, letter, envelope, row_step.because, None if first == row else first))
    return wanted, answers


def _about_letters(
    lines: Mapping[int, Line], known: Named
) -> tuple[list[tuple[int, Line, NamedLetter]], list[RowAnswer]]:
    """Each line with each of its letters, and the answers to those that are about none."""
    about: list[tuple[int, Line, NamedLetter]] = []
    answers: list[RowAnswer] = []
    for row, line in lines.items():
        try:
            about += [(row, line, letter) for letter in _letters(line, known)]
        except CellFault as fault:
            answers.append(_invalid(row, fault))
    return about, answers


def _parcel_of(line: Line, letter: NamedLetter) -> str | None:
    return line.tracking_no or letter.tracking_no


def _is_failing(letter: NamedLetter, parcel: str | None) -> bool:
    """A sign stands against the parcel that the letter is in now."""
    return letter.failure is not None and letter.posted_on is not None and parcel == letter.tracking_no


def _letters(line: Line, known: Named) -> Sequence[NamedLetter]:
    """The letters a line is about: one, or all in a parcel. Raises ``CellFault``."""
    in_parcel = known.by_parcel.get(line.tracking_no, []) if line.tracking_no else []
    numbered = known.by_number.get(line.number, []) if line.number else []
    if line.document_id is not None:
        letter = known.by_id.get(line.document_id)
        if letter is None:
            raise CellFault(f"没有编号为 {line.document_id[:200]} 的文书")
        if line.number is not None and line.number != letter.number:
            raise CellFault(f"文书编号和文号不是同一件文书；该编号的文号是{letter.number}")
        found: Sequence[NamedLetter] = [letter]
    elif line.number is not None:
        if not numbered:
            raise CellFault(f"没有文号为{line.number[:200]}的文书")
        if len(numbered) > 1:
            raise CellFault("有几件文书是这个文号，请填写文书编号")
        found = numbered
    else:
        if not in_parcel:
            raise CellFault(f"没有登记过邮件号码 {line.tracking_no}；请先登记交寄，或者填写文号")
        if len({letter.addressee for letter in in_parcel}) > 1:
            those = "、".join(letter.number for letter in in_parcel)
            raise CellFault(
                f"该邮件号码登记在几个受送达人名下（{those}），不能据以认定文书；请填写文号或者文书编号"
            )
        return in_parcel
    if in_parcel and found[0] not in in_parcel:
        raise CellFault(f"邮件号码 {line.tracking_no} 登记的是另一件文书（{in_parcel[0].number}）")
    return found


def _put_into(parcel: str, letter: NamedLetter, known: Named, address: str | None) -> None:
    """What is in a parcel goes to one recipient at one address, or one receipt would serve several.

    Raises ``CellFault``.
    """
    inside = known.by_parcel.setdefault(parcel, [])
    for other in inside:
        if other.addressee != letter.addressee:
            raise CellFault(
                f"邮件号码 {parcel} 已经登记给另一受送达人的文书（{other.number}，{other.recipient_name}）；"
                "请核对，号码确实无误的，在该批次单独登记交寄"
            )
    before = known.sent_to.setdefault((parcel, letter.document_id), address) if address else None
    if before != address:
        raise CellFault(
            f"邮件号码 {parcel} 已经登记给寄往另一地址的同一件文书（{letter.number}，{before}）；"
            "两处地址各寄一件，各有一个号码，请核对"
        )
    if not inside:
        inside.append(letter)


def _envelope(letter: NamedLetter, step: Step, actor: Actor) -> StepEnvelope:
    body = step.model_dump(mode="json")
    content = canonical({"step": step.NAME, "document_id": letter.document_id, "body": body})
    return StepEnvelope(
        step_id=uuid5(_NAMESPACE, content), batch_no=letter.batch_no, step=step.NAME, body=body, actor=actor
    )


async def _done(deps: Runtime, wanted: Sequence[_Wanted]) -> Iterable[RowAnswer]:
    once = {one.envelope.step_id: one.envelope for one in wanted}
    answers = await filing.file_all(deps, list(once.values()))
    return [_answer(one, RowStatus.RECORDED, answers[one.envelope.step_id]) for one in wanted]


async def _planned(deps: Runtime, wanted: Sequence[_Wanted]) -> Iterable[RowAnswer]:
    """What has been filed before is answered as it stands."""
    stored = await filings.filed_steps(deps.engine, {one.envelope.step_id for one in wanted})
    answers = []
    for one in wanted:
        filed = stored.get(one.envelope.step_id)
        undecided = RowStatus.PLANNED if filed is None else RowStatus.RECORDED
        answers.append(_answer(one, undecided, filed.decision if filed else None))
    return answers


def _answer(one: _Wanted, undecided: RowStatus, answer: Decision | StoreError | None) -> RowAnswer:
    decision = answer if isinstance(answer, Decision) else None
    status, reason = undecided, decision.reason if decision else None
    if decision is not None:
        status = _ACCEPTED.get(decision.step, RowStatus.ACCEPTED) if decision.accepted else RowStatus.REFUSED
    elif answer is not None:
        status, reason = RowStatus.NOT_FILED, f"{answer}。"
    said = [
        reason,
        one.because if status is not RowStatus.REFUSED else None,
        f"与第{one.same_as}行相同，只登记一次" if one.same_as else None,
    ]
    return RowAnswer(
        row=one.row,
        status=status,
        reason="；".join(part for part in said if part) or None,
        code=decision.code if decision else None,
        tracking_no=one.envelope.body.get("tracking_no") or one.letter.tracking_no,
        step=one.envelope.step,
        step_id=one.envelope.step_id,
        address=one.envelope.body.get("address") or one.letter.address,
        day=next((one.envelope.body[name] for name in _DAYS if name in one.envelope.body), None),
        follows=_FOLLOWS.get(one.envelope.step),
        **_about(one.letter),
    )


def _blank(row: int, nothing: NothingToRecord, letter: NamedLetter | None = None) -> RowAnswer:
    return RowAnswer(row=row, status=RowStatus.BLANK, reason=f"{nothing}。", **_about(letter))


def _invalid(
    row: int, fault: CellFault, letter: NamedLetter | None = None, line: Line | None = None
) -> RowAnswer:
    return RowAnswer(
        row=row,
        status=RowStatus.INVALID,
        reason=f"{fault}。",
        address=letter and letter.address,
        tracking_no=line and (line.parcel or line.tracking_no),
        **_about(letter),
    )


def _about(letter: NamedLetter | None) -> dict[str, str]:
    if letter is None:
        return {}
    return {
        "document_id": letter.document_id,
        "batch_no": letter.batch_no,
        "number": letter.number,
        "title": letter.title,
        "recipient_name": letter.recipient_name,
    }
