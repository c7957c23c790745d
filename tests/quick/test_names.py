"""What Temporal shows in clear says nothing that people wrote: a name may stand anywhere in it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from law.vocabulary import Role
from local.scenarios.courses import COURSES, Course
from messages.base import Actor
from messages.steps import StepName
from tests.quick.memory import Memory
from tests.quick.table import Table
from tests.quick.test_service import TOLD
from workflows.batch.effects import about

MARK = "欧阳某甲"
_WRITTEN = re.compile(r"[一-鿿]")
# What is said of goods, laboratories and authorities is about no person.
_OF_THINGS = {"items", "laboratory", "goods_name", "sample", "qualified_items", "by"}


def _marked(value: Any) -> Any:
    """The value with a person's name in whatever somebody writes in Chinese."""
    if isinstance(value, dict):
        return {key: part if key in _OF_THINGS else _marked(part) for key, part in value.items()}
    if isinstance(value, list | tuple):
        return [_marked(part) for part in value]
    return f"{value}{MARK}" if isinstance(value, str) and _WRITTEN.search(value) else value


def _persons_order() -> dict[str, Any]:
    return {
        "seller": {"name": MARK, "natural_person": True},
        "producer": {"name": f"浙江示例制造有限公司{MARK}", "natural_person": True},
        "goods": {"trademark": f"示例牌{MARK}"},
    }


class Marking(Table):
    """Everybody who does a step is called so, and writes so."""

    async def do(self, batch_no: str, role: Role, step: StepName, body: dict[str, Any]) -> Any:
        return await super().do(batch_no, role, step, _marked(body))


def _shown(world: Memory) -> Iterator[str]:
    yield from world.shown
    yield from world.summaries
    yield from map(about, world.changes)


@pytest.mark.parametrize("course", COURSES, ids=lambda course: course.name)
async def test_no_persons_name_is_shown_by_temporal(course: Course) -> None:
    """Details, summaries of records, timers and questions: in every course, whoever does and writes what."""
    table = Marking()
    try:
        batch_no = await table.opened(course.acts, **_persons_order())
        said = list(_shown(table.world(batch_no)))
        assert len(said) > 5
        assert [one for one in said if MARK in one] == []
    finally:
        table.clear()


async def test_a_sign_that_a_letter_does_not_arrive_is_shown_by_its_kind_alone() -> None:
    """What a mail server or an officer wrote of it is in the record."""
    table = Marking()
    batch_no = await table.opened(TOLD, **_persons_order())
    await table.example(batch_no, Role.OFFICER, StepName.DELIVERY_FAILED, reason=f"{MARK}拒收")
    said = list(_shown(table.world(batch_no)))
    assert any("未能送达的线索" in one for one in said)
    assert [one for one in said if MARK in one] == []
    table.clear()


def test_an_error_does_not_say_what_somebody_wrote() -> None:
    """Errors reach logs: a model's names the place alone."""
    with pytest.raises(ValidationError) as refused:
        Actor.model_validate({"sub": MARK, "name": [MARK], "role": MARK})
    assert MARK not in str(refused.value)
