"""A batch's whole course at the desk, by clicks only, with scripts and without."""

from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest
from playwright.async_api import Browser, ViewportSize
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.testing import TimeSkipper

from law.vocabulary import Outcome, Role
from local.scenarios.courses import COURSES, SEALED, example_body, example_order
from local.scenarios.demo import Stage
from local.scenarios.player import perform, play
from messages.steps import StepName
from settings import Settings
from tests.api.tus import begun, send
from tests.browser.clerk import Office
from tests.browser.premises import office
from tests.browser.serving import DESKTOP, PHONE
from tests.evidence.builders import picture

pytestmark = pytest.mark.browser
_MOST_VALUES = 60
# By its first bytes a recording: nothing else is offered for one.
_FILM = b"\x00\x00\x00\x20ftypisom" + bytes(2000)


@pytest.mark.parametrize(
    ("size", "scripts"), [(DESKTOP, True), (PHONE, False)], ids=["desktop", "phone without scripts"]
)
async def test_a_contested_course_is_done_by_clicks_alone(
    desk: str,  # noqa: ARG001 (it is up)
    desk_settings: Settings,
    desk_engine: AsyncEngine,
    chromium: Browser,
    skipper: TimeSkipper,
    size: ViewportSize,
    scripts: bool,
) -> None:
    """From the order to the concluded referral: what is known is never entered again."""
    contested = next(course for course in COURSES if course.outcome is Outcome.RETEST_UPHELD)
    async with office(desk_settings, desk_engine, chromium, skipper, size, scripts=scripts) as people:
        await _register(people)
        earlier = await people.open()
        before = Stage(*people.over_the_api)
        for act in SEALED[:-3]:
            await perform(before, earlier, act)
        order = example_order(datetime.now(UTC), goods={"spec_model": f"SL-{uuid4().hex[:8].upper()}"})
        batch_no = await people.order(order, like=earlier)
        await _evidence(people, batch_no)
        ended = await play(people, batch_no, contested, lambda _told: None)
    assert ended.outcome is Outcome.RETEST_UPHELD
    by_step = {step: [place for one, place in people.entered if one == step] for step, _ in people.entered}
    assert len(people.entered) <= _MOST_VALUES, "\n".join(f"{n}: {v}" for n, v in by_step.items())


async def _register(people: Office) -> None:
    """The retest laboratory of the example stands in the bureau's register."""
    said = example_body(StepName.RETEST_LAB_APPOINTED, datetime.now(UTC))["laboratory"]
    entry: dict[str, Any] = {
        **{name: said[name] for name in ("name", "grade")},
        "qualifications": [
            {"item": one, "standard": "GB/T 29606-2013", "valid_until": "2035-12-31"}
            for one in said["qualified_items"]
        ],
        "contracts": [
            {
                "contract_no": said["contract_no"],
                "testing_days": said["contract_days"],
                **{"holds_from": "2026-01-01", "holds_to": "2035-12-31"},
            }
        ],
    }
    change = {"holds_from": "2026-01-01", "reason": "依据委托检验合同登记", "entry": entry}
    async with people.client(Role.SUPERVISOR) as client:
        answer = await client.put(f"/laboratories/{said['code']}", json=change)
    assert answer.status_code == 200, answer.text


async def _evidence(people: Office, batch_no: str) -> None:
    """A recording of the bureau and a report of the laboratory, which are there to be named."""
    for role in (Role.OFFICER, Role.LAB):
        async with people.client(role) as client:
            content = _FILM if role is Role.OFFICER else picture(2000)
            await send(client, await begun(client, batch_no, len(content)), content)
