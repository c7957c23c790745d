"""The registers: each the same calls on another kind of entry; a new version from a day on."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Query, Request, Response

from api.batches import Cursor, Limit
from api.handing_out import attachment
from api.registers.importing import TakenIn, take_in
from api.registers.views import EntriesAnswer, EntrySummaryView, EntryView, VersionView, warnings_of
from api.views import Listing
from api.web.auth import BUREAU, only
from api.web.body import RegisterRoute
from api.web.days import today
from api.web.paging import next_link
from api.web.problems import documented
from api.web.receiving import XLSX, list_body, received
from api.web.runtime import Deps, Runtime
from law.vocabulary import Role
from lists import writing
from lists.registers.forms import FORMS
from messages.base import Actor, Day, Text
from messages.registers import (
    BureauChange,
    BureauEntry,
    BusinessChange,
    BusinessEntry,
    Code,
    EntryChange,
    LaboratoryChange,
    LaboratoryEntry,
    PlatformChange,
    PlatformEntry,
    Register,
    RegisterEntry,
)
from store.registers import entries, reading

router = APIRouter(tags=["登记库"])
changing_router = APIRouter(route_class=RegisterRoute, tags=["登记库"])
_CLERKS = frozenset({Role.OFFICER, Role.SUPERVISOR, Role.ADMIN})
_LEADERS = frozenset({Role.SUPERVISOR, Role.ADMIN})
# Who puts entries in.
CHANGERS = {
    Register.LABORATORIES: _LEADERS,
    Register.PLATFORMS: _CLERKS,
    Register.BUSINESSES: _CLERKS,
    Register.BUREAUS: _LEADERS,
}
_LISTED_AT_ONCE = 2_000

EntryCode = Annotated[Code, Path(title="代码")]
SeenVersion = Annotated[
    int | None,
    Query(
        title="所看到的最近一个版本",
        description="写明的，最近的版本不是它就答复 409：他人刚登记的不会被覆盖。没有登记过的写0。",
        alias="version",
        ge=0,
        le=2**31 - 1,
    ),
]
On = Annotated[Day | None, Query(title="哪一日的登记；不写为今日")]


async def shown(
    deps: Runtime, register: Register, code: str, on: date, version: int | None = None
) -> EntryView[Any]:
    """An entry with all its versions. Raises ``EntryUnknown`` and ``EntryNotHeld``."""
    found = await reading.one(deps.engine, register, code, on=on, version=version)
    versions = await reading.versions(deps.engine, register, code)
    return EntryView[Any](
        code=found.code,
        version=found.version,
        holds_from=found.holds_from,
        ended=found.ended,
        reason=found.reason,
        recorded_by=found.recorded_by,
        recorded_at=found.recorded_at,
        entry=found.entry,
        sample=found.sample,
        warnings=warnings_of(found.entry),
        versions=tuple(map(VersionView.model_validate, versions)),
    )


def _add_reading(register: Register, title: str, entry_model: type[RegisterEntry]) -> None:
    async def list_entries(
        deps: Deps,
        _actor: Annotated[Actor, Depends(only(BUREAU, f"查阅{title}登记"))],
        q: Annotated[
            str | None, Query(title="查找", description="代码、名称、登记号、地址等的一段。", max_length=100)
        ] = None,
        on: On = None,
        limit: Limit = 50,
        cursor: Cursor = None,
    ) -> Listing[EntrySummaryView]:
        page = await reading.listed(deps.engine, register, on=on or today(), q=q, limit=limit, cursor=cursor)
        items = tuple(map(EntrySummaryView.model_validate, page.items))
        return Listing(items=items, next_cursor=page.next_cursor)

    async def show_entry(
        deps: Deps,
        _actor: Annotated[Actor, Depends(only(BUREAU, f"查阅{title}登记"))],
        code: EntryCode,
        on: On = None,
        version: Annotated[int | None, Query(title="第几个版本", ge=1, le=2**31 - 1)] = None,
    ) -> EntryView[Any]:
        return await shown(deps, register, code, on or today(), version)

    router.add_api_route(
        f"/{register}",
        list_entries,
        operation_id=f"list_{register}",
        summary=f"{title}登记",
        description="所问之日有效的，按代码排列；已停用的不在其中。",
        responses=documented(401, 403, 422, 503),
    )
    router.add_api_route(
        f"/{register}/{{code}}",
        show_entry,
        operation_id=f"show_{register}",
        response_model=EntryView[entry_model],  # type: ignore[valid-type]
        summary=f"一项{title}登记",
        description="所问之日有效的内容（或者指明的版本），连同各版本的登记人、时间和理由。",
        responses=documented(401, 403, 404, 422, 503),
    )


def _add_changing(
    register: Register,
    title: str,
    roles: Collection[Role],
    change_model: type[EntryChange[Any]],
    entry_model: type[RegisterEntry],
) -> None:
    async def put_entry(
        deps: Deps,
        actor: Annotated[Actor, Depends(only(roles, f"登记{title}"))],
        code: EntryCode,
        change: change_model,  # type: ignore[valid-type]
        seen: SeenVersion = None,
    ) -> EntryView[Any]:
        await entries.put(deps.engine, register, code, change, actor, seen=seen)
        return await shown(deps, register, code, change.holds_from)  # type: ignore[attr-defined]

    changing_router.add_api_route(
        f"/{register}/{{code}}",
        put_entry,
        methods=["PUT"],
        operation_id=f"put_{register}",
        response_model=EntryView[entry_model],  # type: ignore[valid-type]
        summary=f"登记{title}",
        description="自所写之日起的内容，登记为新的版本；与该日已有的内容相同的，不重复登记。以前的版本都保留；"
        "停用的写 `ended`。同一法人已经登记的（统一社会信用代码或者名称相同），答复 409 并指明其代码；"
        "统一社会信用代码校验位不符的，只提示，不影响登记。",
        responses=documented(400, 401, 403, 404, 408, 409, 413, 415, 422, 503),
    )


def _add_export(register: Register, title: str) -> None:
    form = FORMS[register]

    async def export(
        request: Request,
        deps: Deps,
        _actor: Annotated[Actor, Depends(only(BUREAU, f"查阅{title}登记"))],
        on: On = None,
        template: Annotated[bool, Query(title="只要空白的模板")] = False,
        cursor: Cursor = None,
    ) -> Response:
        headers: dict[str, str] = {}
        rows: list[Sequence[str]] = []
        if not template:
            page = await reading.whole(
                deps.engine, register, on=on or today(), limit=_LISTED_AT_ONCE, cursor=cursor
            )
            rows = [row for one in page.items for row in form.write(one.code, one.entry)]
            headers = next_link(request, page.next_cursor)
        name = f"{form.title}{'模板' if template else ''}.xlsx"
        headers |= attachment(name)
        content = writing.to_xlsx(form.title, form.header, rows, form.header if template else ())
        return Response(content, media_type=XLSX, headers=headers)

    router.add_api_route(
        f"/{register}.xlsx",
        export,
        operation_id=f"export_{register}",
        summary=f"{title}登记清单（XLSX）",
        description=f"所问之日有效的全部登记，改好后可以交回 `POST /{register}`；`template=true` 只要空白的"
        f"模板。一次至多{_LISTED_AT_ONCE}项；还有更多的，答复的 `Link` 头给出下一份的地址。",
        response_class=Response,
        responses={200: {"content": {XLSX: {}}, "description": "清单"}, **documented(401, 403, 422, 503)},
    )


def _add_import(register: Register, title: str, roles: Collection[Role]) -> None:
    columns = FORMS[register].columns

    async def taken_in(
        request: Request,
        deps: Deps,
        actor: Annotated[Actor, Depends(only(roles, f"登记{title}"))],
        reason: Annotated[Text, Query(title="理由")],
        holds_from: Annotated[Day | None, Query(title="自何日起；不写为今日")] = None,
        dry_run: Annotated[bool, Query(title="试算：只说明将会登记什么，不登记")] = False,
    ) -> EntriesAnswer:
        sheet = await received(request, columns)
        wanted = TakenIn(register, holds_from or today(), reason, actor, dry_run)
        return await take_in(deps, sheet, wanted)

    named = "；".join("、".join(names) for names in columns.names.values())
    router.add_api_route(
        f"/{register}",
        taken_in,
        methods=["POST"],
        operation_id=f"import_{register}",
        summary=f"批量登记{title}",
        description="正文是 XLSX（第一个工作表）、CSV 或 JSON；一项登记可以有几行，代码相同的各行合为一项。"
        "清单中有的列，以清单为准，空白就是没有；清单中没有的列，保持原来的登记。逐行答复，一项有误不影响"
        f"其他各项；同一清单再交一次，不会重复登记。各列的名称可以是：{named}。",
        responses=documented(400, 401, 403, 408, 413, 415, 422, 503),
        openapi_extra=list_body({names[0]: "" for names in columns.names.values()}),
    )


def _add(register: Register, change_model: type[EntryChange[Any]], entry_model: type[RegisterEntry]) -> None:
    title, roles = FORMS[register].title, CHANGERS[register]
    _add_export(register, title)
    _add_import(register, title, roles)
    _add_reading(register, title, entry_model)
    _add_changing(register, title, roles, change_model, entry_model)


_add(Register.LABORATORIES, LaboratoryChange, LaboratoryEntry)
_add(Register.PLATFORMS, PlatformChange, PlatformEntry)
_add(Register.BUSINESSES, BusinessChange, BusinessEntry)
_add(Register.BUREAUS, BureauChange, BureauEntry)
