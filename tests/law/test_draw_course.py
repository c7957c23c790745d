"""The course of a draw: weights with a reason, a seed that nobody can know, places taken in order."""

from datetime import UTC, datetime, timedelta

import pytest

from law.draw import METHOD, Candidate, DrawRefused, drawn, frozen_list, ranked
from law.draw_course import (
    DrawState,
    SkippedFor,
    Weighed,
    check_drawn,
    check_due,
    check_freezable,
    chosen,
    enders,
    next_after,
    weighed,
)
from law.vocabulary import Role
from verify import draw as theirs

NOW = datetime(2027, 1, 5, 21, 30, tzinfo=UTC)
SECOND = timedelta(seconds=1)
RANKING = ("甲", "乙", "丙", "丁")


def test_the_method_is_the_verifiers() -> None:
    assert theirs.METHOD == METHOD


def test_the_frozen_list_is_one_file_however_it_was_listed() -> None:
    """In the order of the ids, UTF-8 without a mark, a line each; what has a comma is quoted."""
    listed = [Candidate(id=id_, weight=weight) for id_, weight in (("甲", 1), ("b,1", 2), ("a", 3))]
    assert frozen_list(listed) == 'id,weight\na,3\n"b,1",2\n甲,1\n'.encode()
    assert frozen_list(listed[::-1]) == frozen_list(listed)


@pytest.mark.parametrize("given", [None, 1])
def test_a_candidate_has_one_ticket_unless_there_is_a_reason(given: int | None) -> None:
    assert weighed("甲", given, "不必写的理由") == Weighed(weight=1, reason=None)
    assert weighed("甲", given, None, failed=0).weight == 1
    assert weighed("甲", 3, "上年不合格") == Weighed(weight=3, reason="上年不合格")
    with pytest.raises(DrawRefused) as refused:
        weighed("甲", 3, None)
    assert refused.value.code == "draw_weight_unreasoned"


def test_what_the_records_know_weighs_where_the_list_says_nothing() -> None:
    """One ticket more for each nonconforming final result, five at the most; the list has the last word."""
    assert [weighed("甲", None, None, failed).weight for failed in (1, 4, 9)] == [2, 5, 5]
    assert weighed("甲", None, None, 1).reason == "前2年内有1个不合格的最终结果（本局自定的规则）"
    assert weighed("甲", 1, None, 9) == Weighed(weight=1, reason=None)


@pytest.mark.parametrize(
    ("state", "ahead", "code"),
    [
        (DrawState.DRAFT, timedelta(0), "draw_seed_not_future"),
        (DrawState.DRAFT, -SECOND, "draw_seed_not_future"),
        (DrawState.FROZEN, SECOND, "draw_not_draft"),
        (DrawState.DRAWN, SECOND, "draw_not_draft"),
        (DrawState.ENDED, SECOND, "draw_not_draft"),
    ],
)
def test_what_is_frozen_is_frozen_before_its_seed_is_known(
    state: DrawState, ahead: timedelta, code: str
) -> None:
    check_freezable(DrawState.DRAFT, NOW + SECOND, NOW)
    with pytest.raises(DrawRefused) as refused:
        check_freezable(state, NOW + ahead, NOW)
    assert refused.value.code == code


@pytest.mark.parametrize(
    ("state", "ahead", "code"),
    [
        (DrawState.FROZEN, SECOND, "draw_seed_too_early"),
        (DrawState.DRAFT, -SECOND, "draw_not_frozen"),
        (DrawState.ENDED, -SECOND, "draw_not_frozen"),
        (DrawState.DRAWN, -SECOND, "draw_made"),
    ],
)
def test_a_seed_is_entered_from_its_moment_on(state: DrawState, ahead: timedelta, code: str) -> None:
    check_due(DrawState.FROZEN, NOW, NOW)
    with pytest.raises(DrawRefused) as refused:
        check_due(state, NOW + ahead, NOW)
    assert refused.value.code == code


def test_who_ends_a_draw_depends_on_whether_its_result_can_be_known() -> None:
    """Whoever may know whom it draws does not end it alone at the desk; one that was made is not ended."""
    assert Role.OFFICER in enders(DrawState.DRAFT, NOW, NOW + SECOND)
    assert enders(DrawState.FROZEN, NOW, NOW - SECOND) == {Role.SUPERVISOR, Role.APPROVER}
    assert enders(DrawState.FROZEN, NOW, NOW) == {Role.APPROVER}
    with pytest.raises(DrawRefused):
        enders(DrawState.DRAWN, NOW, NOW)


def test_nothing_is_bought_while_a_correction_waits() -> None:
    check_drawn(DrawState.DRAWN, is_to_confirm=False)
    for state, waits, code in (
        (DrawState.FROZEN, False, "draw_not_made"),
        (DrawState.DRAWN, True, "draw_in_correction"),
    ):
        with pytest.raises(DrawRefused) as refused:
            check_drawn(state, is_to_confirm=waits)
        assert refused.value.code == code


def test_the_skipped_are_followed_by_the_next_until_nobody_is_left() -> None:
    """Also one who took another's place is skipped."""
    skipped: list[SkippedFor] = []
    for id_, following, left in (
        ("甲", "丙", ("乙", "丙")),
        ("丙", "丁", ("乙", "丁")),
        ("乙", None, ("丁",)),
        ("丁", None, ()),
    ):
        assert next_after(id_, RANKING, RANKING[:2], skipped, 0) == following
        skipped.append(SkippedFor(id=id_, next=following))
        assert chosen(RANKING[:2], skipped) == left


@pytest.mark.parametrize(
    ("id_", "ordered", "code"),
    [("丙", 0, "draw_not_chosen"), ("戊", 0, "draw_not_chosen"), ("甲", 1, "draw_candidate_ordered")],
)
def test_who_is_not_skipped(id_: str, ordered: int, code: str) -> None:
    with pytest.raises(DrawRefused) as refused:
        next_after(id_, RANKING, RANKING[:2], (), ordered)
    assert refused.value.code == code


def test_skipping_comes_to_what_a_larger_draw_says() -> None:
    candidates = [Candidate(id=f"J{no}", weight=no % 3 + 1) for no in range(20)]
    ranking = ranked(candidates, "seed")
    first = drawn(candidates, "seed", 5)
    skipped: list[SkippedFor] = []
    for id_ in first[:3]:
        skipped.append(SkippedFor(id=id_, next=next_after(id_, ranking, first, skipped, 0)))
    assert chosen(first, skipped) == drawn(candidates, "seed", 8)[3:]
