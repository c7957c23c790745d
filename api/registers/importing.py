"""A sheet of a register taken in: rows of one code are one entry, and each row is answered."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from pydantic import TypeAdapter, ValidationError

from api.registers.views import EntriesAnswer, EntryRowAnswer, EntryStatus, warnings_of
from api.web.runtime import Runtime
from api.web.wording import field_message
from lists.columns import Column, folded
from lists.faults import CellFault
from lists.reading import Sheet
from lists.registers.forms import FORMS
from lists.rows import Row
from messages.base import Actor
from messages.registers import ENTRIES, Code, EntryChange, Register, RegisterEntry
from store.errors import EntryElsewhere
from store.registers import entries, reading
from store.registers.entries import PutOutcome

_CODE = TypeAdapter(Code)


@dataclass(frozen=True)
class TakenIn:
    """From which day the rows hold, why, and who says so."""

    register: Register
    holds_from: date
    reason: str
    actor: Actor
    dry_run: bool


@dataclass(frozen=True)
class _Group:
    """The rows of one entry, by their numbers; ``means``: by what they say whose it is."""

    means: str
    rows: tuple[tuple[int, Row], ...]

    def answers(
        self, status: EntryStatus, reason: str | None = None, **said: Any
    ) -> Iterator[EntryRowAnswer]:
        return (EntryRowAnswer(row=number, status=status, reason=reason, **said) for number, _ in self.rows)

    def told(
        self, code: str, entry: RegisterEntry, outcome: PutOutcome | EntryElsewhere
    ) -> Iterator[EntryRowAnswer]:
        known: dict[str, Any] = {"code": code, "name": entry.name, "warnings": warnings_of(entry)}
        if isinstance(outcome, EntryElsewhere):
            return self.answers(EntryStatus.REFUSED, f"{outcome}。", **known)
        return self.answers(EntryStatus(outcome), **known)


async def take_in(deps: Runtime, sheet: Sheet, wanted: TakenIn) -> EntriesAnswer:
    """Put in what the sheet says, or (``dry_run``) say what would be. One bad entry spoils no other."""
    groups, answers = _grouped(sheet)
    known = await reading.found(deps.engine, wanted.register, [group.means for group in groups])
    async with deps.engine.connect() as connection:
        codes = list(known.values())
        held = await entries.holding(connection, wanted.register, codes, wanted.holds_from)
    said: dict[str, tuple[_Group, RegisterEntry]] = {}
    for group in groups:
        try:
            code = known.get(group.means) or _new_code(group)
            if code in said:
                raise CellFault(f"与第{said[code][0].rows[0][0]}行是同一项登记（{code}），请合在同一代码之下")
            before = held[code].entry if code in held else None
            said[code] = group, _entry(group, wanted.register, before)
        except CellFault as fault:
            answers += group.answers(EntryStatus.INVALID, f"{fault}。")
    answers += await _put(deps, said, wanted)
    answers.sort(key=lambda answer: answer.row)
    return EntriesAnswer(
        dry_run=wanted.dry_run,
        counts=dict(Counter(answer.status for answer in answers)),
        unused_columns=sheet.unused,
        rows=tuple(answers),
    )


async def _put(
    deps: Runtime, said: Mapping[str, tuple[_Group, RegisterEntry]], wanted: TakenIn
) -> Iterator[EntryRowAnswer]:
    changes = [
        (code, EntryChange[Any](holds_from=wanted.holds_from, reason=wanted.reason, entry=entry))
        for code, (_, entry) in said.items()
    ]
    done = await entries.put_all(deps.engine, wanted.register, changes, wanted.actor, dry_run=wanted.dry_run)
    return (
        answer
        for (code, (group, entry)), outcome in zip(said.items(), done, strict=True)
        for answer in group.told(code, entry, outcome)
    )


def _grouped(sheet: Sheet) -> tuple[list[_Group], list[EntryRowAnswer]]:
    """Rows of one code, or where they have none of one registration or name, in the order of the first."""
    groups: dict[str, tuple[str, list[tuple[int, Row]]]] = {}
    faults: list[EntryRowAnswer] = []
    for number, row in sheet.rows:
        try:
            said = _means(row)
        except CellFault as fault:
            faults.append(EntryRowAnswer(row=number, status=EntryStatus.INVALID, reason=f"{fault}。"))
            continue
        groups.setdefault(folded(said), (said, []))[1].append((number, row))
    return [_Group(said, tuple(rows)) for said, rows in groups.values()], faults


def _means(row: Row) -> str:
    """By what a row says whose it is. Raises ``CellFault``."""
    for column in (Column.CODE, Column.REGISTRATION, Column.NAME):
        if (said := row.text(column)) is not None and folded(said):
            return said
    raise CellFault("没有填写代码、统一社会信用代码或者名称，不知道是谁")


def _new_code(group: _Group) -> str:
    """Of somebody new: the code that is given, or else the credit code. Raises ``CellFault``."""
    row = group.rows[0][1]
    new = row.text(Column.CODE) or row.text(Column.REGISTRATION)
    if new is None:
        raise CellFault("没有登记过这一名称；新登记的，请填写代码或者统一社会信用代码")
    try:
        return _CODE.validate_python(new)
    except ValidationError:
        raise CellFault(f"“{new[:64]}”不能作为代码：应为64位以内的字母、数字、连字符或下划线") from None


def _entry(group: _Group, register: Register, before: RegisterEntry | None) -> RegisterEntry:
    """What the rows say. Raises ``CellFault``."""
    said = FORMS[register].read([row for _, row in group.rows], before)
    try:
        return ENTRIES[register].model_validate(said)
    except ValidationError as error:
        raise CellFault(field_message(ENTRIES[register], error)) from None
