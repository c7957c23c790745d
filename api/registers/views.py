"""How entries of the registers are shown, and what is answered to a sheet of them."""

from datetime import date, datetime
from enum import StrEnum
from typing import Generic, TypeVar

from pydantic import Field

from api.views import View
from law.credit_codes import doubt_about
from messages.base import Actor
from messages.registers import RegisterEntry

E = TypeVar("E", bound=RegisterEntry)


class EntrySummaryView(View):
    """One entry of a list."""

    code: str = Field(title="代码")
    name: str = Field(title="名称")
    registration: str | None = Field(title="统一社会信用代码或证件登记号")
    version: int = Field(title="版本")
    holds_from: date = Field(title="自何日起")
    sample: bool = Field(title="是否示例数据")


class VersionView(View):
    """One version: from which day it holds, who recorded it, when and why."""

    version: int = Field(title="版本，按登记的先后")
    holds_from: date = Field(title="自何日起")
    ended: bool = Field(title="是否自该日起停用")
    reason: str = Field(title="理由")
    recorded_by: Actor = Field(title="登记人")
    recorded_at: datetime = Field(title="登记时间")


class EntryView(VersionView, Generic[E]):
    """An entry as it holds on the day asked for, and all its versions."""

    code: str = Field(title="代码")
    entry: E = Field(title="登记内容")
    sample: bool = Field(title="是否示例数据")
    warnings: tuple[str, ...] = Field(title="请核对的疑点；不影响登记")
    versions: tuple[VersionView, ...] = Field(title="各版本，最近登记的在前，至多200个")


class EntryStatus(StrEnum):
    CREATED = "created"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    REFUSED = "refused"
    INVALID = "invalid"


class EntryRowAnswer(View):
    """What became of one row."""

    row: int = Field(title="在文件中的行号（JSON 为第几项）")
    status: EntryStatus = Field(
        title="created 新登记；changed 有变动，已登记为新版本；unchanged 与已登记的相同；refused 不予登记；"
        "invalid 有误，未登记；试算时为将会如此"
    )
    code: str | None = Field(default=None, title="代码")
    name: str | None = Field(default=None, title="名称")
    reason: str | None = Field(default=None, title="说明")
    warnings: tuple[str, ...] = Field(default=(), title="请核对的疑点；不影响登记")


class EntriesAnswer(View):
    """What became of a sheet, row by row."""

    dry_run: bool = Field(title="是否试算；试算不登记")
    counts: dict[EntryStatus, int] = Field(title="各状态的行数")
    unused_columns: tuple[str, ...] = Field(title="没有用到的列")
    rows: tuple[EntryRowAnswer, ...] = Field(title="各行的结果")


def warnings_of(entry: RegisterEntry) -> tuple[str, ...]:
    """What a person should look at again; a natural person's document is no credit code."""
    doubt = None if entry.is_person else doubt_about(entry.registration)
    return () if doubt is None else (f"{doubt}。",)
