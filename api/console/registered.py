"""By name instead of typed anew: what a form takes over from the bureau's registers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from api.console.desk import Desk
from api.console.prefill import Known
from messages.registers import Register
from messages.steps import StepName

# Both fix a laboratory in the middle of a batch, as the group "laboratory" of their forms.
WITH_LABORATORY = (StepName.RETEST_LAB_APPOINTED, StepName.LABORATORY_REPLACED)
_MOST = 200


@dataclass(frozen=True)
class Pick:
    """A question above a form, whose answer stands in its address: which entry is taken over.

    Where there are more entries than a list shows (``more``), the code is typed.
    """

    name: str
    title: str
    choices: Sequence[tuple[str, str]]
    chosen: str
    more: bool


async def choices(desk: Desk, register: Register, on: str | None = None) -> Sequence[tuple[str, str]]:
    """The entries that hold on a day, by code, as somebody chooses among them."""
    return _told((await desk.door.get(f"/{register}", on=on, limit=_MOST))["items"])


async def pick_laboratory(desk: Desk, step: StepName, known: Known) -> Pick | None:
    """None for a form that fixes no laboratory, where none is registered, or for who has no registers."""
    if step not in WITH_LABORATORY or desk.session.bureau is not None:
        return None
    page = await desk.door.get(f"/{Register.LABORATORIES}", on=known.today, limit=_MOST)
    if not page["items"]:
        return None
    chosen = desk.request.query_params.get("laboratory", "")
    title = "从登记簿选取机构"
    return Pick("laboratory", title, _told(page["items"]), chosen, page["next_cursor"] is not None)


async def taken_over(desk: Desk, pick: Pick | None, known: Known) -> dict[str, Any]:
    """What the chosen laboratory's entry says on the batch's day; nothing where none is chosen."""
    if pick is None or not pick.chosen:
        return {}
    found = await desk.door.get(f"/{Register.LABORATORIES}/{pick.chosen}", on=known.today)
    return {"laboratory": as_ordered(found["code"], found["entry"], known)}


def as_ordered(code: str, entry: Mapping[str, Any], known: Known) -> dict[str, Any]:
    """The laboratory as an order names it: of its items those that this batch tests, by its standards."""
    scheme = known.order["scheme"] if known.order else {"items": (), "standards": ()}
    able = {
        one["item"]
        for one in entry["qualifications"]
        if one["standard"] in scheme["standards"] and one["valid_until"] >= known.today
    }
    covering = [one for one in entry["contracts"] if one["holds_from"] <= known.today <= one["holds_to"]]
    contract = max(covering, key=lambda one: str(one["holds_from"]), default=None)
    return {
        "code": code,
        **{name: entry[name] for name in ("name", "registration", "grade", "email")},
        "qualified_items": [name for name in scheme["items"] if name in able],
        "contract_no": contract and contract["contract_no"],
        "contract_days": contract and contract["testing_days"],
    }


def _told(items: Sequence[Mapping[str, Any]]) -> Sequence[tuple[str, str]]:
    return [(one["code"], f"{one['name']}（{one['code']}）") for one in items]
