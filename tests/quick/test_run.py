"""``run`` does what it says: without any one of its lines a course goes wrong."""

import ast
import asyncio
import inspect
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

import workflows.batch.course as module
from local.scenarios.beside import BESIDE
from local.scenarios.courses import APPROVER, COURSES, OFFICER, Act, DaysAgo, Do
from messages.opening import Carried
from messages.steps import StepName
from tests.quick.memory import Memory, opening
from tests.quick.played import InMemory, begun
from workflows.batch.course import run as course

MOST_TURNS = 400
LATE = {"how": "post", "postmark": DaysAgo(15)}
REOPENED = StepName.REOPENING_DECIDED
SOURCE = textwrap.dedent(inspect.getsource(course))


def bodies(tree: ast.AST) -> Iterator[list[ast.stmt]]:
    """Every list of statements in ``run``."""
    for node in ast.walk(tree):
        for name in ("body", "orelse", "finalbody"):
            body = getattr(node, name, None)
            if isinstance(body, list) and body and not isinstance(node, ast.Module):
                yield body


def lines() -> list[str]:
    """Every statement but the docstring, the names given to two methods, and a ``pass``.

    Of a compound one its head goes: what it holds is done once, and nothing is caught.
    """
    found = [line for body in bodies(ast.parse(SOURCE)) for line in body]
    return [ast.unparse(line) for line in found if not isinstance(line, ast.Pass)][2:]


def without(line: str) -> Callable[..., Any]:
    """``run`` without the statement that reads so."""
    tree = ast.parse(SOURCE)
    (function,) = tree.body
    assert isinstance(function, ast.AsyncFunctionDef)
    function.decorator_list = []
    body, place = next(
        (body, place)
        for body in bodies(tree)
        for place, statement in enumerate(body)
        if ast.unparse(statement) == line
    )
    body[place : place + 1] = getattr(body[place], "body", [ast.Pass()])
    names: dict[str, Any] = dict(vars(module))
    exec(compile(ast.fix_missing_locations(tree), "run", "exec"), names)
    run: Callable[..., Any] = names["run"]
    return run


class Restless(Exception):
    """The course goes round and round without ever waiting."""


@dataclass(frozen=True)
class Play:
    """A course; its first record falls over midnight (``another_day``), it is taken up again (``then``)."""

    acts: tuple[Act, ...]
    another_day: int = 0
    then: tuple[Do, ...] = ()


PLAYS = [
    *(Play(course.acts) for course in (*COURSES, *BESIDE)),
    Play(COURSES[0].acts, another_day=1),
    Play(COURSES[0].acts, then=(Do(OFFICER, StepName.OBJECTION_FILED, LATE), Do(APPROVER, REOPENED))),
]


async def played(play: Play, run: Any) -> tuple[Any, ...]:
    """What the record says happened, in its order, and how the workflow ended."""
    world = Memory(opening(), another_day=play.another_day)
    batch = InMemory(world, run=_restful(run))
    try:
        await asyncio.wait_for(batch.play(play.acts), 5)
        ended = batch.result
        if play.then:
            kept = Carried(case=batch.case.model_dump(mode="json"), calendar=world.opening.calendar)
            batch = InMemory(world, kept, run=_restful(run))
            for act in play.then:  # the first comes in the same breath as the batch begins again
                assert (await batch.example(act.role, act.step, **act.changes)).accepted
            assert not batch.is_closed
    finally:
        batch.end()
    return ended, [(line.kind, line.text) for line in world.lines]


def _restful(run: Any) -> Any:
    """The same, but it gives up where it would go round for ever."""

    async def counted(batch: Any) -> Any:
        turns = 0
        until, follow, finish = batch.until, batch.follow, batch.finish

        def turn() -> None:
            nonlocal turns
            turns += 1
            if turns > MOST_TURNS:
                raise Restless

        async def counted_until(done: Any) -> None:
            turn()
            await until(done)

        def counted_follow(what: Any) -> None:
            turn()
            follow(what)

        async def counted_finish() -> bool:
            turn()
            closed: bool = await finish()
            return closed

        batch.until, batch.follow, batch.finish = counted_until, counted_follow, counted_finish
        return await run(batch)

    return counted


@pytest.fixture(scope="module")
async def right() -> list[tuple[Any, ...]]:
    """How each goes with the whole of ``run``."""
    return [await played(play, course) for play in PLAYS]


@pytest.mark.parametrize("line", lines(), ids=lambda line: line.splitlines()[0])
async def test_without_any_line_a_course_goes_wrong(line: str, right: list[tuple[Any, ...]]) -> None:
    """Deleted, some course ends otherwise, is recorded otherwise, or does not go on at all."""
    run = without(line)
    for play, as_it_should in zip(PLAYS, right, strict=True):
        try:
            if await played(play, run) != as_it_should:
                return
        except Exception:  # whatever went wrong, it went wrong
            return
    pytest.fail(f"every course goes as before without: {line}")


async def test_a_batch_is_played_in_milliseconds() -> None:
    """What a programmer tries out in the inner loop: no server, no database."""
    batch = begun()
    await batch.play(COURSES[1].acts)
    assert batch.is_closed
    batch.end()
