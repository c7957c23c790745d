"""Accounts of staff: who may sign in at the console, in which role; kept by the administrator."""

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query

from api.account_views import (
    AccountChangeView,
    AccountFields,
    AccountInvitation,
    AccountView,
    DeputyNew,
    DeputyView,
    NewAccount,
    SignedInView,
    UnitHeldView,
    UnitView,
)
from api.batches import Limit
from api.views import Listing
from api.web.auth import BUREAU, only
from api.web.body import JsonRoute
from api.web.days import today
from api.web.problems import Problem, documented
from api.web.runtime import Deps, Runtime
from law.calendar import chinese_day, day_in_shanghai
from law.vocabulary import Role
from messages.base import Actor, Day
from messages.registers import Register
from store.accounts import changes, people, sessions, units
from store.accounts.people import StaffAccount
from store.errors import AccountEnded, AccountUnknown
from store.registers import entries

router = APIRouter(tags=["账号"], route_class=JsonRoute)

_KEEPERS = frozenset({Role.ADMIN})
# Who watches the keepers sees what they did, and changes nothing.
_READERS = frozenset({Role.ADMIN, Role.AUDITOR})
Keeper = Annotated[Actor, Depends(only(_KEEPERS, "账号管理"))]
Reader = Annotated[Actor, Depends(only(_READERS, "查看账号"))]
Sub = Annotated[str, Path(title="账号", max_length=200)]
_Before = Annotated[int | None, Query(title="只看此前的变更（上一页最后一项的 no）", ge=1, le=2**63 - 1)]


async def account_of(deps: Runtime, sub: str) -> StaffAccount:
    """Raises ``AccountUnknown``."""
    account = await people.account(deps.engine, sub)
    if account is None:
        raise AccountUnknown(sub)
    return account


@router.get("/accounts", summary="账号列表", responses=documented(401, 403, 503))
async def list_accounts(deps: Deps, _actor: Reader) -> Listing[AccountView]:
    """全部人员的账号，停用的在后。由系统管理员和审计人员查看。"""
    found = await people.accounts(deps.engine)
    return Listing(items=tuple(map(AccountView.model_validate, found)))


@router.post(
    "/accounts",
    status_code=201,
    summary="建立账号",
    response_description="已建立；还不能登录，要先发出邀请链接",
    responses=documented(400, 401, 403, 409, 413, 415, 422, 503),
)
async def add_account(deps: Deps, actor: Keeper, new: NewAccount) -> AccountView:
    """账号一经建立不能改名，停用以后也不再给别人：办理记录中以它指明是谁。由系统管理员办理。"""
    await _require_bureau(deps, new)
    if new.unit_from is not None and new.unit_from > today():
        raise Problem(409, "unit_not_yet", "新建的账号当日即有所在的单位：自何日起不能晚于今日。")
    await people.add(deps.engine, new.actor(new.sub), unit=new.unit or "", unit_from=new.unit_from, by=actor)
    return AccountView.model_validate(await account_of(deps, new.sub))


@router.get("/accounts/{sub}", summary="一个账号", responses=documented(401, 403, 404, 422, 503))
async def show_account(deps: Deps, _actor: Reader, sub: Sub) -> AccountView:
    """由系统管理员和审计人员查看。"""
    return AccountView.model_validate(await account_of(deps, sub))


@router.put(
    "/accounts/{sub}",
    summary="更改账号的姓名、身份和科室",
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
async def change_account(deps: Deps, actor: Keeper, sub: Sub, fields: AccountFields) -> AccountView:
    """有更改的，其登录随即结束，令牌随即作废，须重新登录。由系统管理员办理。

    单位、科室自所写之日起更改，以前所在的保留，见 `GET /accounts/{sub}/units`；其他的随即更改。
    """
    await _require_bureau(deps, fields)
    known = await account_of(deps, sub)
    later = fields.unit_from is not None and fields.unit_from > today()
    if later and known.bureau is not None and fields.role is not Role.OFFICER:
        raise Problem(409, "unit_not_yet", "该账号至单位更改之日仍属下级局，在此之前只能是执法人员。")
    await people.change(
        deps.engine, fields.actor(sub), unit=fields.unit or "", unit_from=fields.unit_from, by=actor
    )
    return AccountView.model_validate(await account_of(deps, sub))


@router.get(
    "/accounts/{sub}/units",
    summary="账号历来所在的单位",
    responses=documented(401, 403, 404, 422, 503),
)
async def list_units_of(deps: Deps, _actor: Reader, sub: Sub) -> Listing[UnitHeldView]:
    """各自何日起，最近的在前；尚未到日的在最前。由系统管理员和审计人员查看。"""
    await account_of(deps, sub)
    found = await units.of(deps.engine, sub)
    return Listing(items=tuple(map(UnitHeldView.model_validate, found)))


@router.get("/units", summary="单位和科室", responses=documented(401, 403, 422, 503))
async def list_units(
    deps: Deps,
    _actor: Annotated[Actor, Depends(only(BUREAU, "查阅单位和科室"))],
    on: Annotated[Day | None, Query(title="何日的；不写为今日")] = None,
) -> Listing[UnitView]:
    """当日有在用账号的科室，本局的在前；下级局在登记簿 `/bureaus` 中登记。"""
    day = on or today()
    found = await units.staffed(deps.engine, day)
    codes = sorted({one.bureau for one in found if one.bureau is not None})
    names = await entries.names(deps.engine, Register.BUREAUS, codes, day)
    return Listing(
        items=tuple(UnitView(bureau_name=names.get(one.bureau or ""), **asdict(one)) for one in found)
    )


async def _require_bureau(deps: Runtime, fields: AccountFields) -> None:
    """Raises :class:`Problem` for one that the register does not have on the day."""
    if fields.bureau is None:
        return
    day = fields.unit_from or today()
    if not await entries.names(deps.engine, Register.BUREAUS, [fields.bureau], day):
        detail = f"下级局 {fields.bureau} 没有登记，或者{chinese_day(day)}不再有效。"
        raise Problem(409, "entry_not_held", detail)


@router.post("/accounts/{sub}/ended", summary="停用账号", responses=documented(401, 403, 404, 409, 422, 503))
async def end_account(deps: Deps, actor: Keeper, sub: Sub) -> AccountView:
    """其登录、令牌、邀请链接和代理随即失效。最后一个能够登录的系统管理员不能停用。由系统管理员办理。"""
    await people.end(deps.engine, sub, ended=True, by=actor)
    return AccountView.model_validate(await account_of(deps, sub))


@router.post("/accounts/{sub}/restored", summary="恢复账号", responses=documented(401, 403, 404, 422, 503))
async def restore_account(deps: Deps, actor: Keeper, sub: Sub) -> AccountView:
    """可以用原来的方式登录。由系统管理员办理。"""
    await people.end(deps.engine, sub, ended=False, by=actor)
    return AccountView.model_validate(await account_of(deps, sub))


@router.post(
    "/accounts/{sub}/invitation",
    summary="发出邀请链接",
    response_description="链接只在这一次答复中出现",
    responses=documented(401, 403, 404, 409, 422, 503),
)
async def invite(deps: Deps, actor: Keeper, sub: Sub) -> AccountInvitation:
    """交给本人，用来设定密码和动态口令，或者绑定统一身份认证；三天之内有效，只能用一次。

    原来已经能够登录的，原有的密码、动态口令和绑定随即作废，登录随即结束。由系统管理员办理。
    """
    await people.reset(deps.engine, sub, by=actor)
    token = await sessions.link(deps.engine, sub, "invitation")
    address = f"{deps.settings.public_address.rstrip('/')}/console/invitation/{token}"
    return AccountInvitation(link=address, days=sessions.LINK_LASTS["invitation"].days)


@router.get(
    "/accounts/{sub}/sessions", summary="登录中的浏览器", responses=documented(401, 403, 404, 422, 503)
)
async def list_sessions(deps: Deps, _actor: Keeper, sub: Sub) -> Listing[SignedInView]:
    """由系统管理员查看。"""
    await account_of(deps, sub)
    found = await sessions.own(deps.engine, sub)
    return Listing(items=tuple(map(SignedInView.model_validate, found)))


@router.post(
    "/accounts/{sub}/sessions/ended",
    summary="结束全部登录",
    responses=documented(401, 403, 404, 422, 503),
)
async def end_sessions(deps: Deps, actor: Keeper, sub: Sub) -> AccountView:
    """令牌也随即作废。由系统管理员办理。"""
    await people.sign_out(deps.engine, sub, by=actor)
    return AccountView.model_validate(await account_of(deps, sub))


@router.get("/account-changes", summary="账号变更记录", responses=documented(401, 403, 422, 503))
async def list_changes(
    deps: Deps,
    _actor: Reader,
    sub: Annotated[str | None, Query(title="账号", max_length=200)] = None,
    before: _Before = None,
    limit: Limit = 50,
) -> Listing[AccountChangeView]:
    """何人何时对哪个账号做了什么，最近的在前；不能改动。由系统管理员和审计人员查看。"""
    found = await changes.changes(deps.engine, sub, before=before, limit=limit)
    return Listing(items=tuple(map(AccountChangeView.model_validate, found)))


@router.get("/deputies", summary="代理", responses=documented(401, 403, 503))
async def list_deputies(deps: Deps, _actor: Reader) -> Listing[DeputyView]:
    """今天或者以后有效的代理。由系统管理员和审计人员查看。"""
    return await _standing(deps)


@router.post(
    "/deputies",
    status_code=201,
    summary="指定代理",
    response_description="已指定；今天或者以后有效的全部代理",
    responses=documented(400, 401, 403, 404, 409, 413, 415, 422, 503),
)
async def add_deputy(deps: Deps, actor: Keeper, new: DeputyNew) -> Listing[DeputyView]:
    """在起止日期之内，代理人可以以被代理人的身份办理，记录中写代理人自己的姓名。由系统管理员办理。"""
    deputy, principal = await account_of(deps, new.deputy), await account_of(deps, new.stands_in_for)
    for one in (deputy, principal):
        if one.ended_at is not None:
            raise AccountEnded(one.sub)
    if (deputy.laboratory, deputy.bureau) != (principal.laboratory, principal.bureau):
        detail = "代理人与被代理人应属于同一单位：本局、同一下级局，或者同一检验机构。"
        raise Problem(409, "deputy_elsewhere", detail)
    if new.to_day < day_in_shanghai(datetime.now(UTC)):
        raise Problem(409, "deputy_over", "代理的最后一日已经过去。")
    await people.deputise(
        deps.engine,
        deputy=new.deputy,
        stands_in_for=new.stands_in_for,
        from_day=new.from_day,
        to_day=new.to_day,
        by=actor,
    )
    return await _standing(deps)


@router.post(
    "/deputies/{no}/taken-back",
    summary="收回代理",
    response_description="已收回；今天或者以后有效的其他代理",
    responses=documented(401, 403, 404, 422, 503),
)
async def take_back(
    deps: Deps, actor: Keeper, no: Annotated[int, Path(title="代理编号", ge=1, le=2**63 - 1)]
) -> Listing[DeputyView]:
    """随即失效。由系统管理员办理。"""
    await people.take_back(deps.engine, no, by=actor)
    return await _standing(deps)


async def _standing(deps: Runtime) -> Listing[DeputyView]:
    found = await people.deputies(deps.engine)
    return Listing(items=tuple(map(DeputyView.model_validate, found)))
