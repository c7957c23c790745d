"""Waits: opened with a deadline counted, moved, counted again, ended; each with its line and its account."""

from datetime import date
from typing import Any

from law.calendar import FIRST_YEAR
from law.counting import Deadline, alarms, count, extend_by_days, set_last_day
from law.judgements import heard_until
from law.recounting import Recount, recount
from law.rules import TermRule
from law.vocabulary import Party, Role, Term, WaitKind
from messages.base import SYSTEM, Actor
from messages.names import deadline_moved_line, wait_ended_line, wait_opened_line
from messages.records import CountRequest, TimelineKind, WaitEnd
from messages.snapshot import Wait
from messages.steps import STEPS, StepName
from messages.words import PARTIES, ROLES
from workflows.procedure.change import Change
from workflows.procedure.parts import Cause, RunningWait
from workflows.procedure.punctuality import note_punctuality
from workflows.procedure.wording import AWAITED, DONE


def await_step(change: Change, step: StepName, role: Role) -> None:
    """Open a duty for which the procedure sets no period."""
    model = STEPS[step]
    wait = Wait(
        id=step,
        step=step,
        title=model.TITLE,
        kind=WaitKind.DUTY,
        owed_by=role,
        owed_by_title=ROLES[role],
        role=role,
        rests_on=model.RESTS_ON,
        on_silence=None,
    )
    _open(change, wait, None, None, change.because)


def await_term(
    change: Change,
    term: Term,
    wait_id: str,
    step: StepName | None,
    start: date,
    *,
    party: Party | None = None,
    amount: int | None = None,
    about: str = "",
    because: Cause | None = None,
    role: Role | None = None,
) -> None:
    """Open a wait whose deadline is counted from ``start`` (not counted itself) by the regulation.

    ``amount``: the contract's period, calendar days, for a term that leaves it to the contract. ``because``
    is what happened on ``start``, where that is not what has just happened; ``role`` who owes it, where the
    rule leaves that open. A last day that a party was told before is not moved earlier. Raises
    ``ValueError`` for a day that no calendar knows: what follows from such a step cannot be counted.
    """
    if start.year < FIRST_YEAR:
        raise ValueError(f"nothing is counted from {start}")
    rule = change.case.opening.regulation.terms[term]
    owner = party if rule.kind is WaitKind.RIGHT else None
    days = change.case.stayed_days(start) if owner else 0
    deadline = count(rule, start, change.moment.calendar, amount=amount)
    deadline = extend_by_days(deadline, days, change.moment.calendar)
    wait = Wait(
        id=wait_id,
        step=step,
        title=f"{rule.title}（{about}）" if about else rule.title,
        owed_by=owner or role or rule.role or Role.OFFICER,
        owed_by_title=PARTIES[owner] if owner else (ROLES[role] if role else rule.owed_by),
        role=None if owner else role or rule.role,
        party=party,
        **_by(rule, deadline),
    )
    request = CountRequest(wait_id=wait_id, rule=rule, start=start, amount=amount, days=days)
    _open(change, wait, deadline, request, because or change.because)
    told = change.case.corrections.told.get(wait_id)
    if owner and told is not None and told > deadline.last_day:
        fix_last_day(change, wait_id, told, "已告知当事人的最后一日不提前", SYSTEM)


def _by(rule: TermRule, deadline: Deadline) -> dict[str, Any]:
    """What a wait has of its rule and of its deadline."""
    return {
        "kind": rule.kind,
        "term": rule.term,
        "internal": rule.internal,
        "starts_on": deadline.start,
        "last_day": deadline.last_day,
        "deadline": deadline.closes_at,
        "provisional": deadline.provisional,
        "calendar_version": deadline.calendar_version,
        "rests_on": rule.rests_on,
        "on_silence": rule.on_silence,
    }


def open_as(change: Change, right: RunningWait, *, was_owed: bool) -> None:
    """Open a wait as it stands in a case that was judged anew.

    A duty of which nobody knew (``was_owed`` False) is owed from today: nobody could have done it before.
    """
    wait = right.wait
    if wait.term is None or wait.starts_on is None:
        assert wait.step is not None
        assert wait.role is not None
        await_step(change, wait.step, wait.role)
        return
    rule = change.case.opening.regulation.terms[wait.term]
    is_right = rule.kind is WaitKind.RIGHT
    since_then = is_right or was_owed
    await_term(
        change,
        wait.term,
        wait.id,
        wait.step,
        wait.starts_on if since_then else change.today,
        party=wait.party,
        amount=right.counted.amount if right.counted and rule.amount is None else None,
        about=wait.title.removeprefix(rule.title).removeprefix("（").removesuffix("）"),
        because=right.because if since_then else None,
        role=wait.role if wait.role is not rule.role else None,
    )
    opened = change.case.waits[wait.id].wait.last_day
    if since_then and wait.last_day is not None and opened is not None and wait.last_day > opened:
        fix_last_day(change, wait.id, wait.last_day, "记录更正前已经延长", SYSTEM)


def _open(
    change: Change, wait: Wait, deadline: Deadline | None, request: CountRequest | None, because: Cause
) -> None:
    case = change.case
    change.passed.pop(wait.id, None)
    change.opened.add(wait.id)
    name = case.parties[wait.party].name if wait.party in case.parties else None
    data: dict[str, Any] = {"wait_id": wait.id, "because": because, "party_name": name, "wait": wait}
    words = f"{AWAITED}{wait.what_and_whose}"
    running = RunningWait.model_construct(wait=wait, opened_at=change.moment.now, because=because)
    if deadline is not None and request is not None:
        running = _standing(change, running, deadline, request.rule)
        data["wait"] = running.wait
        change.deadlines[wait.id] = deadline
        data |= {"count": request, "deadline": deadline}
        words += _guessed(deadline)
    case.waits[wait.id] = running
    key = wait_opened_line(wait.id, case.version)
    change.note(key, TimelineKind.WAIT_OPENED, words, wait.rests_on, data=data)


def _standing(change: Change, running: RunningWait, deadline: Deadline, rule: TermRule) -> RunningWait:
    """A wait with its deadline and all alarms that lead to it. The account of days goes on record only."""
    regulation = change.case.opening.regulation
    ladder, heard = regulation.ladder, None
    if deadline.heard_until is not None:
        heard = heard_until(regulation.readings, running.opened_at, deadline.heard_until)
    return running.model_copy(
        update={
            "wait": running.wait.model_copy(update={"heard_until": heard}),
            "counted": deadline.model_copy(update={"trace": ()}),
            "alarms": alarms(deadline, rule, ladder, change.moment.calendar),
        }
    )


def _guessed(deadline: Deadline) -> str:
    if not deadline.provisional:
        return ""
    return f"；暂定至{deadline.last_day} 24:00，所及年份的放假安排尚未公布"


def end_wait(
    change: Change, wait_id: str, words: str = DONE, how: WaitEnd = WaitEnd.MET
) -> RunningWait | None:
    """End a wait that runs; one that does not run is no error (a step may end several).

    One that has not been recorded yet leaves its account: also what is done at once has a deadline.
    """
    case = change.case
    ended = case.waits.pop(wait_id, None)
    if ended is None:
        return None
    if how is WaitEnd.MET:
        note_punctuality(change, ended.wait)
    if wait_id in change.opened:
        change.passed[wait_id] = ended.wait
    else:  # as it was on record before: what moved it meanwhile is of no account
        change.deadlines.pop(wait_id, None)
        change.recounts.pop(wait_id, None)
    change.note(
        wait_ended_line(wait_id, case.version),
        TimelineKind.WAIT_ENDED,
        f"{ended.wait.title}：{words}",
        ended.wait.rests_on,
        data={"wait_id": wait_id, "how": how, "because": change.because},
    )
    return ended


def retitle(change: Change, wait_id: str, title: str) -> None:
    """Say anew what a wait is about."""
    running = change.case.waits[wait_id]
    wait = running.wait.model_copy(update={"title": title})
    change.case.waits[wait_id] = running.model_copy(update={"wait": wait})


def extend(change: Change, wait_id: str, days: int, words: str, actor: Actor) -> None:
    """A stay has ended: the last day moves by its calendar days, and from a rest day on to a working day."""
    running = change.case.waits[wait_id]
    deadline = extend_by_days(whole_deadline(change, running), days, change.moment.calendar)
    request = _request(change, running, "stay", running.wait.last_day, days=days)
    _move(change, running, deadline, request, words, actor)


def fix_last_day(change: Change, wait_id: str, fixed: date, reason: str, actor: Actor) -> None:
    """An approver fixes the last day; one that is a rest day rolls on."""
    running = change.case.waits[wait_id]
    wait, whole = running.wait, whole_deadline(change, running)
    deadline = set_last_day(whole, fixed, change.moment.calendar, reason)
    request = _request(change, running, "set", fixed, reason=reason)
    words = f"{wait.title}：届满日由{wait.last_day}改为{deadline.last_day}（{reason}）"
    _move(change, running, deadline, request, words, actor)


def run_on(change: Change, window: RunningWait, stayed_days: int, words: str) -> None:
    """Let a right that had ended run on to its last day, longer by the days it was stayed meanwhile."""
    wait_id = window.wait.id
    change.case.waits[wait_id] = window.model_copy(update={"opened_at": change.moment.now})
    # A year may have been announced while it did not run.
    count_again(change, change.case.waits[wait_id])
    running = change.case.waits[wait_id]
    line = f"{running.wait.title}：{words}"
    if stayed_days:
        extend(change, wait_id, stayed_days, line, SYSTEM)
        return
    request = _request(change, running, "set", running.wait.last_day, reason=words)
    _move(change, running, whole_deadline(change, running), request, line, SYSTEM)


def count_again(change: Change, running: RunningWait) -> None:
    """Count a running deadline on the calendar in force, with the moves it has had.

    A right keeps the last day it was told where the announced year would end it sooner (a reading, §4). Where
    nothing changes nothing is said.
    """
    wait = running.wait
    if running.counted is None:
        return
    again = _again(change, running)
    if not again.changes_anything:
        return
    request = _request(change, running, "again", wait.last_day, never_earlier=_keeps_told_day(change))
    kind = TimelineKind.DEADLINE_MOVED if again.moved else TimelineKind.DEADLINE_CONFIRMED
    words = f"{wait.title}：按现行的放假安排重新计算：{again.words}"
    ahead = {alarm.level for alarm in running.alarms}
    change.recounts[wait.id] = again
    days = {
        "old_last_day": str(again.before.last_day),
        "new_last_day": str(again.after.last_day),
        "counted_last_day": str(again.counted),
        "was_provisional": again.before.provisional,
    }
    _move(change, running, again.after, request, words, SYSTEM, kind, days)
    if not again.moved:  # what has been told for this day is not told again
        standing = change.case.waits[wait.id]
        left = tuple(alarm for alarm in standing.alarms if alarm.level in ahead)
        change.case.waits[wait.id] = standing.model_copy(update={"alarms": left})


def whole_deadline(change: Change, running: RunningWait) -> Deadline:
    """The deadline as it stands, with its account day by day, which the case does not carry along.

    It is counted again, moves and all, on the calendar it was counted on: whenever that one is replaced, all
    that runs is counted again first.
    """
    return _again(change, running).after


def _again(change: Change, running: RunningWait) -> Recount:
    held = running.counted
    assert held is not None
    return recount(
        held,
        _rule(change, running),
        change.moment.calendar,
        told=held.last_day,
        never_earlier=_keeps_told_day(change),
    )


def _rule(change: Change, running: RunningWait) -> TermRule:
    term = running.wait.term
    assert term is not None
    return change.case.opening.regulation.terms[term]


def _keeps_told_day(change: Change) -> bool:
    return change.case.opening.regulation.readings.told_last_day_is_kept


def _request(
    change: Change, running: RunningWait, how: str, last_day: date | None, **more: Any
) -> CountRequest:
    """What was asked to be counted, for the record and for whoever counts it anew."""
    wait, rule = running.wait, _rule(change, running)
    return CountRequest.model_validate(
        {"wait_id": wait.id, "rule": rule, "how": how, "start": wait.starts_on, "last_day": last_day} | more
    )


def _move(
    change: Change,
    running: RunningWait,
    deadline: Deadline,
    request: CountRequest,
    words: str,
    actor: Actor,
    kind: TimelineKind = TimelineKind.DEADLINE_MOVED,
    days: dict[str, Any] | None = None,
) -> None:
    case, wait_id = change.case, running.wait.id
    wait = running.wait.model_copy(
        update={
            "last_day": deadline.last_day,
            "deadline": deadline.closes_at,
            "provisional": deadline.provisional,
            "calendar_version": deadline.calendar_version,
        }
    )
    before = case.waits[wait_id].model_copy(update={"wait": wait})
    moved = case.waits[wait_id] = _standing(change, before, deadline, request.rule)
    change.deadlines[wait_id] = deadline
    data = {"wait_id": wait_id, "because": change.because, "wait": moved.wait, "count": request}
    moved_before = sum(line.kind is kind and line.data["wait_id"] == wait_id for line in change.lines)
    change.note(
        deadline_moved_line(wait_id, case.version, moved_before),
        kind,
        words if request.how == "again" else words + _guessed(deadline),
        request.rule.rests_on,
        actor=actor,
        data=data | {"deadline": deadline} | (days or {}),
    )
