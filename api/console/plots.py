"""Plots of progress and statistics: how far batches have come, and rates with their intervals.

Pure: figures go in, SVG comes out. All that a plot shows stands in a table on the page as well.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from law.figures import Share

_WIDTH = 960
_LEFT, _RIGHT = 250, 690
# Above the rows there is room for the scale of rates.
_TOP, _SCALE, _ROW = 6, 24, 30
_LONGEST_TITLE = 16
_TICKS = (0, 25, 50, 75, 100)
_NOTHING = Markup("")


@dataclass(frozen=True)
class StageBar:
    """So many of so many, and what is said behind it; ``reached`` is a part of ``whole``."""

    title: str
    whole: int
    reached: int
    said: str


@dataclass(frozen=True)
class RateBar:
    """A rate with its interval, and what is said behind it."""

    title: str
    share: Share
    said: str


def stage_plot(title: str, bars: Sequence[StageBar]) -> Markup:
    """Each bar as long as it is of the longest one; nothing where there is no bar."""
    longest = max((one.whole for one in bars), default=0)
    if longest == 0:
        return _NOTHING
    rows = _NOTHING.join(_stage(one, longest, _TOP + _ROW * at) for at, one in enumerate(bars))
    height = _TOP + _ROW * len(bars)
    return _whole(title, [f"{one.title}：{one.said}" for one in bars], rows, height)


def rate_plot(title: str, bars: Sequence[RateBar]) -> Markup:
    """Each rate on one scale from 0 to 100 per cent; what has no rate is left out."""
    known = [one for one in bars if one.share.rate is not None]
    if not known:
        return _NOTHING
    top = _TOP + _SCALE
    bottom = top + _ROW * len(known)
    axis = _NOTHING.join(
        Markup(
            '<line class="grid" x1="{x}" y1="{top}" x2="{x}" y2="{bottom}"/>'
            '<text class="day" x="{x}" y="{label}">{tick}%</text>'
        ).format(x=_at(tick / 100), top=top - 8, bottom=bottom, label=top - 14, tick=tick)
        for tick in _TICKS
    )
    rows = _NOTHING.join(_rate(one, top + _ROW * at) for at, one in enumerate(known))
    return _whole(title, [f"{one.title}：{one.said}" for one in known], axis + rows, bottom + 6)


def _whole(title: str, said: Sequence[str], inside: Markup, height: int) -> Markup:
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img"'
        ' aria-label="{said}">{inside}</svg>'
    ).format(width=_WIDTH, height=height, said=f"{title}。{'；'.join(said)}", inside=inside)


def _at(part: float) -> int:
    return round(_LEFT + (_RIGHT - _LEFT) * part)


def _stage(one: StageBar, longest: int, y: int) -> Markup:
    return Markup(
        '<g>{title}<rect class="of" x="{x}" y="{y}" width="{whole}" height="16"/>'
        '<rect class="reached" x="{x}" y="{y}" width="{reached}" height="16"/>'
        '<text x="{after}" y="{text_y}">{said}</text></g>'
    ).format(
        title=_title(one.title, y),
        x=_LEFT,
        y=y,
        whole=_at(one.whole / longest) - _LEFT,
        reached=_at(one.reached / longest) - _LEFT,
        after=_at(one.whole / longest) + 8,
        text_y=y + 13,
        said=one.said,
    )


def _rate(one: RateBar, y: int) -> Markup:
    known = one.share
    assert known.rate is not None
    assert known.low is not None
    assert known.high is not None
    return Markup(
        '<g>{title}<line class="interval" x1="{low}" y1="{middle}" x2="{high}" y2="{middle}"/>'
        '<circle class="rate" cx="{rate}" cy="{middle}" r="5"/>'
        '<text x="{after}" y="{text_y}">{said}</text></g>'
    ).format(
        title=_title(one.title, y),
        low=_at(known.low),
        high=_at(known.high),
        rate=_at(known.rate),
        middle=y + 8,
        after=_RIGHT + 14,
        text_y=y + 13,
        said=one.said,
    )


def _title(title: str, y: int) -> Markup:
    short = title if len(title) <= _LONGEST_TITLE else f"{title[: _LONGEST_TITLE - 1]}…"
    return Markup('<text x="8" y="{}">{}</text>').format(y + 13, short)
