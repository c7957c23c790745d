"""Previewing a deadline: the same counting as in a batch, with the account of every day. Open to all."""

from datetime import date
from typing import Annotated

from fastapi import APIRouter, Query

from api.web.problems import Problem, documented
from api.web.runtime import Deps
from law.counting import Deadline, count
from law.regulation import NoRegulationInForce, in_force_on
from law.vocabulary import Term
from store.calendars import arrangements

router = APIRouter(prefix="/deadlines", tags=["期限"])


@router.get(
    "/preview",
    summary="试算期限",
    description="按起算日当天生效的规程计算某一期限的届满日，并逐日列明计算过程（规程第4节）。无需令牌。",
    responses=documented(422, 503),
)
async def preview(
    deps: Deps,
    term: Annotated[Term, Query(title="期限种类")],
    start: Annotated[date, Query(title="起算日（当日不计入）", examples=["2026-09-18"])],
    days: Annotated[
        int | None,
        Query(title="合同约定的检验周期", description="仅检验报告、复检报告两项需要。", ge=1, le=365),
    ] = None,
) -> Deadline:
    calendar = (await arrangements.in_force(deps.engine)).calendar
    try:
        rule = in_force_on(start).terms[term]
        return count(rule, start, calendar, amount=days)
    except NoRegulationInForce as error:
        raise Problem(422, "no_regulation_in_force", f"{error}。") from None
    except ValueError as error:
        raise Problem(422, "deadline_not_countable", f"{error}。") from None
