"""The random draw: repeatable by the published rule, fair by weight, refused where it would be unclear."""

import pytest

from law.draw import MOST_WEIGHT, Candidate, DrawRefused, drawn, ranked

SEED = "20270101-05-12-19-23-31-07"
# Computed by hand from the published rule with ``sha256sum``; the order never changes.
LIST = [Candidate(id=id_, weight=weight) for id_, weight in (("a", 1), ("b", 2), ("c", 3), ("甲-01", 1))]
IN_ORDER = ("甲-01", "c", "a", "b")


def test_the_same_list_and_seed_give_the_same_draw_for_good() -> None:
    assert drawn(LIST, SEED, 4) == IN_ORDER
    assert drawn(list(reversed(LIST)), SEED, 2) == IN_ORDER[:2]
    assert ranked(LIST, SEED) == IN_ORDER


def test_a_larger_draw_goes_on_from_the_smaller() -> None:
    """So whoever is skipped is followed by the next, and nobody else changes places."""
    candidates = [Candidate(id=f"J{no}", weight=no % 3 + 1) for no in range(60)]
    for number in range(1, 60):
        assert drawn(candidates, SEED, number + 1)[:number] == drawn(candidates, SEED, number)


def test_twice_the_weight_is_drawn_twice_as_often() -> None:
    """Of three tickets two are the heavy one's: 2,000 of 3,000 draws, give or take five deviations."""
    pair = [Candidate(id="light", weight=1), Candidate(id="heavy", weight=2)]
    heavy = sum(drawn(pair, f"seed {no}", 1) == ("heavy",) for no in range(3_000))
    assert abs(heavy - 2_000) < 130


@pytest.mark.parametrize(
    ("candidates", "seed", "number", "code"),
    [
        ([("a", 0)], SEED, 1, "draw_weight_bad"),
        ([("a", -1)], SEED, 1, "draw_weight_bad"),
        ([("a", MOST_WEIGHT), ("b", 1)], SEED, 1, "draw_weight_bad"),
        ([("a", 1), ("a", 2)], SEED, 1, "draw_id_repeated"),
        ([("", 1)], SEED, 1, "draw_id_unclear"),
        ([("a ", 1)], SEED, 1, "draw_id_unclear"),
        ([("a\nb", 1)], SEED, 1, "draw_id_unclear"),
        ([("a", 1)], SEED, 2, "draw_number_bad"),
        ([("a", 1)], SEED, 0, "draw_number_bad"),
        ([("a", 1)], "", 1, "draw_seed_bad"),
        ([("a", 1)], "1\n2", 1, "draw_seed_bad"),
        ([("a", 1)], "\udc80", 1, "draw_seed_bad"),
    ],
)
def test_what_is_unclear_is_refused(
    candidates: list[tuple[str, int]], seed: str, number: int, code: str
) -> None:
    listed = [Candidate(id=id_, weight=weight) for id_, weight in candidates]
    with pytest.raises(DrawRefused) as refused:
        drawn(listed, seed, number)
    assert refused.value.code == code
