"""What is said of the parts of an installation: for monitors as JSON, for people in one line each."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field


class Standing(StrEnum):
    """``degraded``: the work goes on, and somebody should look; ``down``: some of the work stands still."""

    OK = "ok"
    DEGRADED = "degraded"
    DOWN = "down"


_WORST_FIRST = (Standing.DOWN, Standing.DEGRADED, Standing.OK)


@dataclass(frozen=True)
class Found:
    """What a look at one part has shown."""

    status: Standing
    detail: str
    what_to_do: str = ""


def ok(detail: str) -> Found:
    return Found(Standing.OK, detail)


def degraded(detail: str, what_to_do: str) -> Found:
    return Found(Standing.DEGRADED, detail, what_to_do)


def down(detail: str, what_to_do: str) -> Found:
    return Found(Standing.DOWN, detail, what_to_do)


class HealthPart(BaseModel):
    """One part: how it is, and what somebody should do about it (empty where nothing is to be done)."""

    model_config = ConfigDict(frozen=True)

    name: str = Field(title="部分")
    title: str = Field(title="名称")
    status: Standing = Field(title="状态")
    detail: str = Field(title="情况")
    what_to_do: str = Field(title="如何处理")


class HealthReport(BaseModel):
    """All parts; ``status`` is that of the worst."""

    model_config = ConfigDict(frozen=True)

    status: Standing = Field(title="总的状态")
    parts: tuple[HealthPart, ...] = Field(title="各部分")


def report_of(parts: tuple[HealthPart, ...]) -> HealthReport:
    status = next(worst for worst in _WORST_FIRST if any(part.status is worst for part in parts))
    return HealthReport(status=status, parts=parts)


def for_how_long(age: timedelta) -> str:
    """As people say it: 40秒, 12分钟, 3小时, 2天."""
    seconds = max(0, int(age.total_seconds()))
    for unit, name in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= 2 * unit:
            return f"{seconds // unit}{name}"
    return f"{seconds}秒"


def some(names: list[str], most: int = 5) -> str:
    """The first few of a list, and how many there are."""
    shown = "、".join(names[:most])
    return shown if len(names) <= most else f"{shown} 等{len(names)}个"
