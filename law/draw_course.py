"""The course of a random draw (§3): who is a candidate, what is frozen when, who takes whose place."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from enum import StrEnum

from law.draw import DrawRefused
from law.quality import weight_of, weight_rule
from law.rules import LawValue
from law.vocabulary import Role


class DrawState(StrEnum):
    """Where a draw stands."""

    DRAFT = "draft"
    FROZEN = "frozen"
    DRAWN = "drawn"
    ENDED = "ended"


class Weighed(LawValue):
    """A candidate's tickets, and why they are not one."""

    weight: int
    reason: str | None


class SkippedFor(LawValue):
    """A drawn candidate that cannot be bought, and who is drawn in its place; None where nobody is left."""

    id: str
    next: str | None


def weighed(id_: str, given: int | None, reason: str | None, failed: int = 0) -> Weighed:
    """The weight of one candidate: what the list gives with its reason, else what the records come to.

    ``failed``: nonconforming final results since the first day of the bureau's rule (``law/weights.yaml``).
    The one place where a weight comes from. Raises :class:`DrawRefused`.
    """
    if given is None:
        rule = weight_rule()
        weight = weight_of(rule, failed)
        told = f"前{rule.years}年内有{failed}个不合格的最终结果（本局自定的规则）"
        return Weighed(weight=weight, reason=told if weight != 1 else None)
    if given == 1:
        return Weighed(weight=1, reason=None)
    if reason is None:
        raise DrawRefused("draw_weight_unreasoned", f"“{id_}”的权重不是1，请写明理由")
    return Weighed(weight=given, reason=reason)


def check_adjusted(listed: Sequence[str], register: Mapping[str, object]) -> None:
    """Whoever is weighed or excluded by itself is on the register's list. Raises :class:`DrawRefused`."""
    if unknown := [id_ for id_ in listed if id_ not in register]:
        told = "、".join(unknown[:20])
        raise DrawRefused(
            "draw_candidate_unknown", f"登记簿中今日没有这{len(unknown)}个（或者不在所选平台）：{told}"
        )


def check_freezable(state: DrawState, announced_at: datetime, now: datetime) -> None:
    """The seed is published after the list, or the list could be made to fit. Raises :class:`DrawRefused`."""
    if state is not DrawState.DRAFT:
        raise DrawRefused("draw_not_draft", "抽取已经冻结或者终止，名单和数量不能再改")
    if announced_at <= now:
        raise DrawRefused(
            "draw_seed_not_future", "种子的公布时间应在冻结之后；请另拟一次抽取，写明将来的时间"
        )


def check_due(state: DrawState, announced_at: datetime, now: datetime) -> None:
    """Raises :class:`DrawRefused` where no seed can be entered: nothing is frozen, or it is too early."""
    if state is DrawState.DRAWN:
        raise DrawRefused("draw_made", "已经抽取；种子登记有误的，请提出更正，由另一人确认")
    if state is not DrawState.FROZEN:
        raise DrawRefused("draw_not_frozen", "抽取尚未冻结，或者已经终止，不能登记种子")
    if now < announced_at:
        raise DrawRefused("draw_seed_too_early", "尚未到种子的公布时间，不能登记种子")


def check_drawn(state: DrawState, *, is_to_confirm: bool) -> None:
    """Raises :class:`DrawRefused` where nothing has been drawn that stands."""
    if state is not DrawState.DRAWN:
        raise DrawRefused("draw_not_made", "尚未抽取")
    if is_to_confirm:
        raise DrawRefused("draw_in_correction", "种子的更正正在等待另一人确认")


def check_unordered(ordered: int) -> None:
    """What was ordered rests on the draw; its seed stands. Raises :class:`DrawRefused`."""
    if ordered:
        raise DrawRefused("draw_ordered_from", f"已经据以下达{ordered}个批次，不能再更正种子")


def enders(state: DrawState, announced_at: datetime, now: datetime) -> frozenset[Role]:
    """Who may end a draw. Once its seed can be known, one leader alone: it could be ended for its result.

    A draw that was made is not ended, or one would draw until it fits. Raises :class:`DrawRefused`.
    """
    if state is DrawState.DRAWN:
        raise DrawRefused("draw_made", "已经抽取，不能终止；不能购样的，逐个跳过并写明理由")
    if state is DrawState.FROZEN and now >= announced_at:
        return frozenset({Role.APPROVER})
    leaders = frozenset({Role.SUPERVISOR, Role.APPROVER})
    return leaders if state is DrawState.FROZEN else leaders | {Role.OFFICER}


def chosen(drawn: Sequence[str], skipped: Sequence[SkippedFor]) -> tuple[str, ...]:
    """Who is to be bought from, in the order of the draw: without the skipped, with who follows them."""
    out = {one.id for one in skipped}
    return tuple(
        id_ for id_ in (*drawn, *(one.next for one in skipped)) if id_ is not None and id_ not in out
    )


def next_after(
    id_: str, ranking: Sequence[str], drawn: Sequence[str], skipped: Sequence[SkippedFor], ordered: int
) -> str | None:
    """Who is drawn in the place of one that cannot be bought; None where nobody is left.

    ``ordered``: batches from it that have not come to nothing. Raises :class:`DrawRefused`.
    """
    if id_ not in chosen(drawn, skipped):
        raise DrawRefused("draw_not_chosen", f"“{id_}”没有抽中，或者已经跳过")
    if ordered:
        raise DrawRefused(
            "draw_candidate_ordered", f"“{id_}”已经下达{ordered}个批次；批次终止或者撤销之后方可跳过"
        )
    place = len(drawn) + len(skipped)
    return ranking[place] if place < len(ranking) else None
