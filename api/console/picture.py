"""The course of a batch as a picture: its phases in a row, below them the periods on their days.

Pure: what it is given goes in, SVG comes out. All that it shows stands in words on the page as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from markupsafe import Markup

_WIDTH = 960
_LEFT, _RIGHT = 250, 770
_STAGES, _ROWS, _ROW = 24, 128, 28
_MOST_TICKS = 9
# As wide as a date is written, with some room.
_HALF_A_DATE = 32
_STEPS = (1, 2, 7, 14, 30, 61, 122, 366)
_ONE_DAY = timedelta(days=1)
_NOTHING = Markup("")


class Reached(StrEnum):
    """Where the batch stands to a phase."""

    DONE = "done"
    NOW = "now"
    TO_COME = "to-come"
    PASSED_OVER = "passed-over"


_IN_WORDS = {Reached.NOW: "现在", Reached.TO_COME: "未到", Reached.PASSED_OVER: "未经过"}


@dataclass(frozen=True)
class PhaseMark:
    """One phase; ``on`` is the day on which the batch came to it, where it did."""

    title: str
    reached: Reached
    on: date | None = None


@dataclass(frozen=True)
class Bar:
    """A time that runs or has run: from the day of the event, not counted, to its last day."""

    title: str
    start: date
    last_day: date
    right: bool = False
    open: bool = True
    late: bool = False
    provisional: bool = False

    @property
    def end_in_words(self) -> str:
        said = f"{_short(self.last_day)}届满"
        if not self.open:
            return f"{said}，已结束"
        return said + ("，逾期" if self.late else "") + ("，暂定" if self.provisional else "")


def picture(stages: Sequence[PhaseMark], periods: Sequence[Bar], today: date | None) -> Markup:
    """The whole SVG; ``today`` is None where no day is any more nearer than another."""
    height = _ROWS + _ROW * len(periods) + 4 if periods else _ROWS - 30
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' aria-label="{said}">{stages}{periods}</svg>'
    ).format(
        width=_WIDTH,
        height=height,
        said=_in_words(stages, periods),
        stages=_row_of(stages),
        periods=_rows(periods, today) if periods else _NOTHING,
    )


def _in_words(stages: Sequence[PhaseMark], periods: Sequence[Bar]) -> str:
    now = next((stage.title for stage in stages if stage.reached is Reached.NOW), "")
    running = [f"{one.title}，{one.end_in_words}" for one in periods]
    return "；".join([f"现在：{now}", *running])


def _row_of(stages: Sequence[PhaseMark]) -> Markup:
    room = _WIDTH / len(stages)
    line = Markup('<line class="way" x1="{}" y1="{y}" x2="{}" y2="{y}"/>').format(
        round(room / 2), round(_WIDTH - room / 2), y=_STAGES
    )
    return line + _NOTHING.join(
        _stage(stage, round(room * (number + 0.5))) for number, stage in enumerate(stages)
    )


def _stage(stage: PhaseMark, x: int) -> Markup:
    came = stage.reached in (Reached.DONE, Reached.NOW) and stage.on
    below = _short(stage.on) if came and stage.on else _IN_WORDS.get(stage.reached, "")
    if came and stage.reached is Reached.NOW:
        below = f"现在，自{below}"
    tick = Markup('<path class="tick" d="M{} {}l4 4 7-8"/>').format(x - 5, _STAGES)
    return Markup(
        '<g class="stage {reached}"><circle cx="{x}" cy="{y}" r="{r}"/>{tick}'
        '<text x="{x}" y="{title_y}">{title}</text><text class="day" x="{x}" y="{below_y}">{below}</text></g>'
    ).format(
        reached=stage.reached.value,
        x=x,
        y=_STAGES,
        r=13 if stage.reached is Reached.NOW else 10,
        tick=tick if stage.reached is Reached.DONE else _NOTHING,
        title_y=_STAGES + 34,
        title=stage.title,
        below_y=_STAGES + 52,
        below=below,
    )


@dataclass(frozen=True)
class _Scale:
    """Days to places: a day is as wide as any other."""

    first: date
    last: date

    def at(self, day: date) -> int:
        days = max((self.last - self.first).days, 1)
        return round(_LEFT + (_RIGHT - _LEFT) * (day - self.first).days / days)

    def ticks(self) -> list[date]:
        days = (self.last - self.first).days
        step = next((one for one in _STEPS if days / one <= _MOST_TICKS), _STEPS[-1])
        return [self.first + timedelta(days=number) for number in range(0, days + 1, step)]


def _rows(periods: Sequence[Bar], today: date | None) -> Markup:
    days = [one.start for one in periods] + [one.last_day for one in periods] + ([today] if today else [])
    # A last day ends with its night, so that its bar reaches to the next.
    scale = _Scale(min(days), max(days) + _ONE_DAY)
    bottom = _ROWS + _ROW * len(periods)
    here = scale.at(today) if today else None
    axis = _NOTHING.join(_tick(day, scale.at(day), bottom, here) for day in scale.ticks())
    bars = _NOTHING.join(_bar_of(one, scale, _ROWS + _ROW * number) for number, one in enumerate(periods))
    # Under the bars, so that no word is crossed out.
    return axis + (_today(scale.at(today), today, bottom) if today else _NOTHING) + bars


def _tick(day: date, x: int, bottom: int, today: int | None) -> Markup:
    """A day of the axis; its date is left out where the line of today would cross it."""
    line = Markup('<line class="grid" x1="{x}" y1="{}" x2="{x}" y2="{}"/>').format(_ROWS - 8, bottom, x=x)
    if today is not None and abs(x - today) < _HALF_A_DATE:
        return line
    return line + Markup('<text class="day" x="{}" y="{}">{}</text>').format(x, _ROWS - 14, _short(day))


def _bar_of(one: Bar, scale: _Scale, y: int) -> Markup:
    begin, end = scale.at(one.start), scale.at(one.last_day + _ONE_DAY)
    marks = ["right" if one.right else "duty", "open" if one.open else "ended"]
    marks += ["late"] if one.open and one.late else []
    marks += ["provisional"] if one.open and one.provisional else []
    return Markup(
        '<g class="period {marks}"><text x="{label}" y="{text_y}">{title}</text>'
        '<rect x="{begin}" y="{y}" width="{width}" height="14"/>'
        '<text x="{after}" y="{text_y}">{said}</text></g>'
    ).format(
        marks=" ".join(marks),
        label=8,
        text_y=y + 16,
        title=one.title,
        begin=begin,
        y=y + 4,
        width=max(end - begin, 3),
        after=end + 8,
        said=one.end_in_words,
    )


def _today(x: int, today: date, bottom: int) -> Markup:
    return Markup(
        '<g class="today"><line x1="{x}" y1="{}" x2="{x}" y2="{}"/><text x="{x}" y="{}">今天 {}</text></g>'
    ).format(_ROWS - 26, bottom, _ROWS - 30, _short(today), x=x)


def _short(day: date) -> str:
    return f"{day.month}月{day.day}日"
