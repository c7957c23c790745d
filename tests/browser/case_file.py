"""A contested case with all that a case can have, and a bureau around it: what the pages of the desk show."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from law.vocabulary import Role
from local.commands.sampling import load
from local.scenarios.courses import BOTH_SERVED, NONCONFORMING, OBJECTED, PRODUCER_ACCEPTS, Act, Do
from local.scenarios.demo import Stage
from local.scenarios.player import perform
from messages.steps import StepName
from settings import Settings
from store.accounts import sessions
from tests.api.builders import order_example
from tests.api.drawing import draft, drafted
from tests.api.planning import COMMISSION
from tests.api.test_bulk_orders import row
from tests.api.test_calendars import body as arrangement
from tests.api.tus import kept
from tests.browser.clerk import Office

# Two result notices lie in the post queue, one is on its way.
TO_BE_POSTED = NONCONFORMING[:-3]
# A result is final, so that there are records.
ACCEPTED = (*BOTH_SERVED, Do(Role.OFFICER, StepName.RESULT_ACCEPTED, {"party": "seller"}), PRODUCER_ACCEPTS)
_PLACE = re.compile(r"{(\w+)}")


@dataclass(frozen=True)
class CaseFile:
    """``batch_no`` of the contested case; ``examples``: with what the addresses of pages are filled in."""

    batch_no: str
    examples: dict[str, tuple[str, ...]]

    def at(self, path: str) -> Iterator[str]:
        """A path of the application as addresses, one for each example that there is of it."""
        path = path.replace(":uuid", "").replace("{place}/{id_}", "{planned}")
        path = path.replace("{register}/entries/{code}", "{entry}").replace("under/{id_}", "under/{scheme}")
        path = path.replace("plans/plans/{id_}", "plans/plans/{plan}").replace(":path", "")
        path = path.replace("commissions/{id_}", "commissions/{commission}").replace(
            "runs/{no}", "runs/{run}"
        )
        names = list(dict.fromkeys(_PLACE.findall(path)))
        for values in product(*(self.examples[name] for name in names)):
            yield path.format_map(dict(zip(names, values, strict=True)))


@pytest.fixture(scope="session")
async def case_file(everybody: Office, desk_settings: Settings, desk_engine: AsyncEngine) -> CaseFile:
    """Compiled through the API: how pages come to do it is told elsewhere. Tests only look at it."""
    scheme = await _bureau(desk_settings)
    await played(everybody, TO_BE_POSTED)
    await played(everybody, ACCEPTED)
    batch_no = await played(everybody, OBJECTED)
    return CaseFile(batch_no, await _examples(everybody, desk_engine, batch_no, scheme))


async def played(people: Office, acts: Sequence[Act]) -> str:
    """A batch that has come so far, through the API."""
    stage = Stage(*people.over_the_api)
    batch_no = await stage.open()
    for act in acts:
        await perform(stage, batch_no, act)
    return batch_no


async def _bureau(settings: Settings) -> str:
    """Registers, a plan and the scheme under which is ordered."""
    found = re.search(r"FA\d{4}-\d+", await load(settings, only_fresh=False))
    assert found
    return found.group()


async def _examples(
    people: Office, engine: AsyncEngine, batch_no: str, scheme: str
) -> dict[str, tuple[str, ...]]:
    async with people.client(Role.OFFICER) as officer, people.client(Role.LAB) as laboratory:
        digests = [await kept(officer, batch_no), await kept(laboratory, batch_no)]
        batch = (await officer.get(f"/batches/{batch_no}")).json()
        steps = (await officer.get(f"/batches/{batch_no}/steps", params={"limit": 500})).json()["items"]
        plan = (await officer.get("/plans")).json()["items"][0]["id"]
        drawn = await drafted(officer, draft(scheme))
        rows = {"rows": [row(), row(商品链接=None)]}
        listed = (await officer.post(f"/schemes/{scheme}/orders", json=rows)).json()
        assert (await officer.post(f"{drawn}/frozen")).status_code == 200
        of = {one["step"]: one["step_id"] for one in steps}
        correction = await to_confirm(people, batch_no, of[StepName.PURCHASED])
    async with people.client(Role.SUPERVISOR) as supervisor:
        proposed = (await supervisor.post("/calendars", json=arrangement())).json()
    commission = await _commission(people, scheme)
    invited = f"{Role.OFFICER}-desk"
    return {
        "batch_no": (batch_no,),
        "token": (await sessions.link(engine, invited, "invitation"),),
        "sub": (invited,),
        "step": (StepName.PURCHASED,),
        "step_id": (of[StepName.RECEIVED],),
        # What a laboratory may see as well.
        "wait": (StepName.REPORT_SUBMITTED,),
        "party": ("seller",),
        "correction": (str(correction),),
        # Of the laboratory: it sees no other.
        "digest": tuple(digests[1:]),
        "scheme": (scheme,),
        "run": (str(listed["run"]),),
        "plan": (plan,),
        "commission": (commission,),
        "planned": (f"plans/{plan}", f"schemes/{scheme}", f"commissions/{commission}"),
        "place": ("plans", "schemes", "commissions"),
        "draw_id": (drawn.rpartition("/")[2],),
        "subject": ("seller",),
        "key": (order_example()["seller"]["registration"],),
        "register": ("businesses",),
        "entry": ("businesses/entries/J1",),
        "kind": ("postings", "receipts", "findings"),
        "year": (batch["opened_at"][:4],),
        "no": (str(proposed["no"]),),
    }


async def _commission(people: Office, scheme: str) -> str:
    """To the laboratory, in force."""
    content = COMMISSION["content"] | {"to": "laboratory", "code": "LAB-01"}
    async with people.client(Role.OFFICER) as officer, people.client(Role.APPROVER) as approver:
        answer = await officer.post("/commissions", json={"scheme_id": scheme, "content": content})
        assert answer.status_code == 201, answer.text
        new: str = answer.json()["id"]
        assert (await officer.post(f"/commissions/{new}/submitted")).status_code == 200
        assert (await approver.post(f"/commissions/{new}/approved")).status_code == 200
    return new


async def to_confirm(people: Office, batch_no: str, step_id: str) -> UUID:
    """A correction that waits for somebody else's word."""
    async with people.client(Role.OFFICER) as officer:
        filed: dict[str, Any] = (await officer.get(f"/batches/{batch_no}/steps/{step_id}")).json()["body"]
    right = filed | {"order": filed["order"] | {"order_no": "2026090100099"}}
    said = {"corrects": step_id, "body": right, "reason": "订单号抄错一位", "evidence": []}
    stage = Stage(*people.over_the_api)
    decision = await stage.do(batch_no, Role.OFFICER, StepName.RECORD_CORRECTED, said)
    assert decision.accepted, decision
    async with people.client(Role.OFFICER) as officer:
        steps = (await officer.get(f"/batches/{batch_no}/steps", params={"limit": 500})).json()["items"]
    return UUID(next(one["step_id"] for one in steps if one["step"] == StepName.RECORD_CORRECTED))
