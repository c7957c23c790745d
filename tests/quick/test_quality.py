"""What a batch says to quality records and figures, whatever course it takes and however it is put right."""

import pytest

from law.quality import RecordState, SubjectKind
from law.vocabulary import OVER, Outcome, Term, Verdict
from local.scenarios.beside import BESIDE, UNFINISHED
from local.scenarios.courses import COURSES, SUPERVISOR, Course, Lapse, Pass
from messages.steps import StepName
from tests.quick.played import begun
from tests.quick.quality import assert_as_rebuilt, entries, written
from tests.quick.test_put_right import SELLER_WINDOW, filed, put_right, served_too_early


def course_of(outcome: Outcome) -> Course:
    return next(course for course in COURSES if course.outcome is outcome)


@pytest.mark.parametrize("course", [*COURSES, *BESIDE, *UNFINISHED], ids=lambda course: course.name)
async def test_what_is_written_is_what_is_rebuilt(course: Course) -> None:
    """After each course; of a result there is an entry, of a batch that came to nothing none."""
    batch = begun()
    await batch.play(course.acts)
    assert_as_rebuilt(batch)
    tally, entry = written(batch)
    has_result = course.outcome is not None and course.outcome not in OVER
    assert (entry is not None, tally.final) == (has_result, has_result)
    if entry is not None:
        assert (entry.state, entry.outcome) == (RecordState.FINAL, course.outcome)
        assert (entry.verdict, entry.final_on) == (tally.verdict, batch.case.so_far.final_on)
    batch.end()


async def test_an_overturned_result_is_told_with_its_retest() -> None:
    """Bought, sealed, tested; the first verdict, the retest's, and nothing that failed."""
    batch = begun()
    await batch.play(course_of(Outcome.RETEST_OVERTURNED).acts)
    tally, entry = written(batch)
    assert entry is not None
    assert entry.retest is not None
    assert (entry.first_verdict, entry.verdict) == (Verdict.NONCONFORMING, Verdict.CONFORMING)
    assert (entry.retest.verdict, entry.failed, entry.referral) == (Verdict.CONFORMING, (), None)
    assert (tally.bought, tally.sealed, tally.tested, tally.retested) == (True, True, True, True)
    batch.end()


async def test_a_nonconforming_result_is_told_with_its_items_its_referral_and_what_came_of_it() -> None:
    """In the records of seller, producer, product and platform."""
    batch = begun()
    await batch.play(course_of(Outcome.ACCEPTED_EXPRESSLY).acts)
    _, entry = written(batch)
    assert entry is not None
    assert entry.referral is not None
    (item,) = entry.failed
    assert (item.name, item.requirement, item.measured) == ("耐热冲击", "无裂纹", "出现裂纹")
    assert "罚款" in (entry.referral.action or "")
    assert entry.referral.concluded_on is not None
    assert {(one.kind, one.key) for one in entry.subjects} == {
        (SubjectKind.SELLER, "91330106ma2aaaaa0x"),
        (SubjectKind.PRODUCER, "浙江示例制造有限公司"),
        (SubjectKind.PRODUCT, "示例·sl500"),
        (SubjectKind.PLATFORM, "示例电商平台"),
    }
    # First without a referral, then referred, acknowledged, concluded: each stays as it was said.
    assert len(entries(batch)) >= 3
    batch.end()


async def test_a_result_that_a_correction_sets_aside_is_open_in_the_records_until_it_is_final_again() -> None:
    """What was said before stays beside it."""
    batch, true_day = await served_too_early(24)
    await batch.play([Lapse(SELLER_WINDOW)])
    _, first = written(batch)
    served = filed(batch, StepName.NOTICE_DELIVERED, recipient="seller")
    await put_right(batch, served, delivered_on=str(true_day))
    tally, reopened = written(batch)
    assert first is not None
    assert reopened is not None
    assert (first.state, first.outcome) == (RecordState.FINAL, Outcome.ACCEPTED_BY_SILENCE)
    assert (reopened.state, reopened.verdict, reopened.final_on) == (RecordState.OPEN_AGAIN, None, None)
    assert (tally.final, tally.verdict) == (False, None)
    assert_as_rebuilt(batch)
    await batch.play([Lapse(SELLER_WINDOW)])
    _, again = written(batch)
    assert again is not None
    assert (again.state, again.corrections) == (RecordState.FINAL, 1)
    said = [(one.state, one.outcome) for one in entries(batch)]
    assert said[0] == (first.state, first.outcome)
    assert (RecordState.OPEN_AGAIN, None) in said[1:-1]
    assert_as_rebuilt(batch)
    batch.end()


async def test_a_result_put_right_moves_to_the_record_of_the_right_goods() -> None:
    """The sealed model was mistyped."""
    batch, _ = await served_too_early()
    await batch.play([Lapse(SELLER_WINDOW)])
    sealing = filed(batch, StepName.SEALED)
    why = "以铭牌照片为准"
    await put_right(batch, sealing, SUPERVISOR, spec_model="SL-600", mismatch_reason=why)
    _, entry = written(batch)
    assert entry is not None
    assert "示例·sl600" in {one.key for one in entry.subjects}
    assert "示例·sl500" not in {one.key for one in entry.subjects}
    assert_as_rebuilt(batch)
    batch.end()


async def test_a_duty_is_counted_in_time_or_late_once_it_is_done() -> None:
    """The inspection notice went in time; the laboratory's report comes long after its last day."""
    acts = course_of(Outcome.CONFORMING).acts
    steps = [getattr(act, "step", None) for act in acts]
    report = steps.index(StepName.REPORT_SUBMITTED)
    batch = begun()
    await batch.play((*acts[:report], Pass(60)))
    before, _ = written(batch)
    assert Term.TEST_REPORT not in before.duties
    await batch.play(acts[report : report + 1])
    after, _ = written(batch)
    assert (after.duties[Term.TEST_REPORT].on_time, after.duties[Term.TEST_REPORT].late) == (0, 1)
    assert after.duties[Term.INSPECTION_NOTICE].late == 0
    assert_as_rebuilt(batch)
    batch.end()
