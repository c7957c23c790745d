import pytest

from law.judgements import Capacity, resealing_defects, sealing_defects
from law.regulation import Regulation

BUYER, OFFICER, STAFF = Capacity.BUYER, Capacity.OFFICER, Capacity.LAB_STAFF
TWO_AND_TWO = [("李一", OFFICER), ("李二", OFFICER), ("赵一", STAFF), ("赵二", STAFF)]


def test_buyer_two_officers_and_two_of_the_laboratory_may_seal(reg: Regulation) -> None:
    """The buyer, two officers and two of the laboratory, all different people (§5)."""
    assert sealing_defects(reg, [("王买", BUYER), *TWO_AND_TWO]) == ()


@pytest.mark.parametrize(
    ("participants", "defects"),
    [
        (TWO_AND_TWO, ("买样人未参加拆包查验和封样",)),
        ([("王买", BUYER), *TWO_AND_TWO[1:]], ("执法人员不得少于2人，现有1人",)),
        ([("王买", BUYER), *TWO_AND_TWO[:3]], ("承检机构人员不得少于2人，现有1人",)),
        (
            [("王买", BUYER), *TWO_AND_TWO[1:], ("李二", OFFICER)],
            ("执法人员不得少于2人，现有1人",),
        ),
        ([("王买", BUYER), *TWO_AND_TWO[1:], (" ", OFFICER)], ("执法人员不得少于2人，现有1人",)),
        ([("王买", BUYER), *TWO_AND_TWO, ("李一", STAFF)], ("李一不能以两种身份参加",)),
        ([("王买", BUYER), *TWO_AND_TWO, ("李　一", STAFF)], ("李一不能以两种身份参加",)),
        (
            [("李一", BUYER), *TWO_AND_TWO],
            ("李一不能以两种身份参加", "执法人员不得少于2人，现有1人"),
        ),
        (
            [],
            (
                "买样人未参加拆包查验和封样",
                "执法人员不得少于2人，现有0人",
                "承检机构人员不得少于2人，现有0人",
            ),
        ),
    ],
)
def test_whoever_is_missing_is_named(
    reg: Regulation, participants: list[tuple[str, Capacity]], defects: tuple[str, ...]
) -> None:
    """Each person who is missing, named twice or nameless is told in its own sentence."""
    assert sealing_defects(reg, participants) == defects


def test_the_buyer_among_the_two_and_two_is_a_switch(reg: Regulation) -> None:
    """Under the other reading an officer who bought the sample is one of the two officers."""
    other = reg.model_copy(
        update={"readings": reg.readings.model_copy(update={"buyer_counts_among_two_and_two": True})}
    )
    assert sealing_defects(other, [("李一", BUYER), *TWO_AND_TWO]) == ()


def test_all_four_sign_when_a_sample_is_sealed_again(reg: Regulation) -> None:
    """Applicant, original laboratory, retest laboratory and officers; whoever is missing is named (§6)."""
    all_four = [
        ("孙代", Capacity.APPLICANT),
        ("赵一", Capacity.ORIGINAL_LABORATORY),
        ("吴复", Capacity.RETEST_LABORATORY),
        ("李一", Capacity.OFFICER),
    ]
    assert resealing_defects(reg, all_four) == ()
    assert resealing_defects(reg, all_four[2:]) == ("复检申请人未签字确认", "原检验机构未签字确认")
    assert len(resealing_defects(reg, [])) == 4
