from datetime import date

import pytest

from law.calendar import WorkCalendar
from law.counting import alarms, count, extend_by_days
from law.regulation import Regulation
from law.vocabulary import Role, Term


def test_a_late_duty_climbs_the_ladder(reg: Regulation, calendar: WorkCalendar) -> None:
    """Reminded one working day before, the supervisor told at the close, then a level each working day."""
    rule = reg.terms[Term.RESULT_NOTICE]
    deadline = count(rule, date(2026, 9, 23), calendar)
    assert [
        (alarm.at.isoformat(), alarm.level, alarm.to, alarm.role)
        for alarm in alarms(deadline, rule, reg.ladder, calendar)
    ] == [
        ("2026-09-30T09:00:00+08:00", 0, "执法人员", Role.OFFICER),
        ("2026-10-09T00:00:00+08:00", 1, "处室负责人", Role.SUPERVISOR),
        ("2026-10-09T09:00:00+08:00", 2, "分管负责人", Role.APPROVER),
        ("2026-10-10T09:00:00+08:00", 3, "主要负责人", Role.APPROVER),
    ]


def test_escalation_waits_for_working_days(reg: Regulation, calendar: WorkCalendar) -> None:
    """A duty due on the eve of the National Day holiday climbs only after it, but the supervisor is told."""
    rule = reg.terms[Term.RESULT_NOTICE]
    deadline = count(rule, date(2026, 9, 22), calendar)
    assert deadline.last_day == date(2026, 9, 30)
    days = [alarm.at.date() for alarm in alarms(deadline, rule, reg.ladder, calendar)]
    assert days == [date(2026, 9, 29), date(2026, 10, 1), date(2026, 10, 8), date(2026, 10, 9)]


def test_a_stayed_duty_is_reminded_anew(reg: Regulation, calendar: WorkCalendar) -> None:
    """Alarms follow the deadline where a stay has moved it."""
    rule = reg.terms[Term.RESULT_NOTICE]
    stayed = extend_by_days(count(rule, date(2026, 9, 1), calendar), 7, calendar)
    assert stayed.last_day == date(2026, 9, 15)
    assert alarms(stayed, rule, reg.ladder, calendar)[0].at.date() == date(2026, 9, 14)


@pytest.mark.parametrize("term", [Term.OBJECTION, Term.RETEST_FORMALITIES, Term.EVIDENCE_KEPT])
def test_nobody_is_chased_for_a_right(reg: Regulation, calendar: WorkCalendar, term: Term) -> None:
    """A right lapses and evidence becomes free: nothing is late, nobody is told."""
    rule = reg.terms[term]
    deadline = count(rule, date(2026, 9, 1), calendar)
    assert alarms(deadline, rule, reg.ladder, calendar) == ()
