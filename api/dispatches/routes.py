"""The post queue: what is to be posted until when, what is printed for it, and lists taken in."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Request, Response
from pydantic import Field

from api.batches import Cursor, Limit, fixes_letters, seen_part
from api.dispatches import lines, printing
from api.dispatches.exporting import FINDINGS, POSTINGS, RECEIPTS, Form
from api.dispatches.importing import Reader, take_in
from api.dispatches.receipts import receipt
from api.dispatches.views import DispatchView, ListAnswer
from api.handing_out import attachment
from api.views import Listing
from api.web.auth import BUREAU, EveryCaller, only, only_everywhere
from api.web.paging import next_link
from api.web.problems import Problem, documented
from api.web.reading import seen
from api.web.receiving import CSV, XLSX, list_body, received
from api.web.runtime import Deps, Runtime
from law.vocabulary import Role
from lists import writing
from lists.carriers import Carriers, read_carriers
from lists.columns import FINDING_COLUMNS, Columns
from lists.reading import MAX_ROWS
from messages.base import Actor
from store.documents import dispatches
from store.documents.dispatches import Dispatch, DispatchSearch, DispatchState
from store.reads.pages import Page

router = APIRouter(prefix="/dispatches", tags=["文书寄送和送达"])
_PDF = "application/pdf"
_PRINTED_AT_ONCE = 200
_LISTED_AT_ONCE = 2_000
_MORE = "还有更多的，答复的 `Link` 头给出下一份的地址。"

Search = Callable[..., Awaitable[DispatchSearch]]


def _searched(state_: DispatchState) -> Search:
    """Dependency: which letters are asked for; those in ``state_`` where nothing is said."""

    async def wanted(
        actor: Annotated[Actor, Depends(only_everywhere(BUREAU, "查阅文书寄送情况"))],
        state: Annotated[
            DispatchState,
            Query(
                title="状态",
                description="to_send 待电子发出；to_post 待人工交寄或者当面交付；posted 已交寄、尚无结果；"
                "sent 已发出、尚无结果；failing 有未能送达的线索，尚待确认；"
                "received_by_another 他人代收、尚待认定；to_decide 以上两种；delivered 已送达；"
                "returned 已退回；announced 已公告；given_up 不再跟踪；withdrawn 已撤回；all 全部。",
            ),
        ] = state_,
        channel: Annotated[
            Literal["email", "platform", "website", "outbox"] | None,
            Query(title="发出方式；outbox 为人工递送"),
        ] = None,
        batch_no: Annotated[str | None, Query(title="批次编号", max_length=100)] = None,
        q: Annotated[
            str | None,
            Query(title="查找", description="文号、文书编号、受送达人、邮件号码中的一段。", max_length=100),
        ] = None,
    ) -> DispatchSearch:
        return DispatchSearch(state=state, channel=channel, batch_no=batch_no, q=q, part=seen_part(actor))

    return wanted


Wanted = Annotated[DispatchSearch, Depends(_searched(DispatchState.ALL))]
ToPrint = Annotated[DispatchSearch, Depends(_searched(DispatchState.TO_POST))]
DocumentIds = Annotated[
    tuple[Annotated[str, Field(max_length=200)], ...],
    Query(
        title="文书编号，可以有几个",
        description="指明了文书的，只看这些文书，不看其他条件。",
        alias="document_id",
        max_length=_PRINTED_AT_ONCE,
    ),
]
DryRun = Annotated[bool, Query(title="试算：只说明将会登记什么，不登记")]


@router.get("", summary="文书寄送情况", responses=documented(401, 403, 422, 503))
async def list_dispatches(
    deps: Deps, wanted: Wanted, limit: Limit = 50, cursor: Cursor = None
) -> Listing[DispatchView]:
    """每件文书、每个受送达人的状态和凭据。尚有事要办的，最迟应交寄的在前；已有结果的和全部的，新制作的在前。

    须送达的文书，交寄、当面交付或者电子系统收妥之日即为发出（sent）；登记以前是 `to_send`，列入 to_post。
    `post_by` 是最迟应当交寄的一天，过了仍未交寄的 `overdue`。
    检验机构人员在批次的文书中查阅致本机构的，不查阅寄送情况。
    """
    page = await dispatches.dispatches(deps.engine, wanted, limit=limit, cursor=cursor)
    seen(one.batch_no for one in page.items)
    return Listing(items=tuple(map(DispatchView.model_validate, page.items)), next_cursor=page.next_cursor)


def _printed(what: str) -> dict[int | str, dict[str, Any]]:
    return {
        200: {"content": {_PDF: {}}, "description": what},
        **documented(401, 403, 404, 409, 422, 503),
    }


@router.get(
    "/labels.pdf",
    summary="寄送标签（供打印）",
    response_class=Response,
    responses=_printed("A4，每页10枚"),
)
async def print_labels(
    request: Request, deps: Deps, wanted: ToPrint, document_ids: DocumentIds = (), cursor: Cursor = None
) -> Response:
    """每件文书、每个地址一枚，附裁切线；二维码是文书编号，供扫描登记。没有地址的文书列在最后一页。一次至多200件文书。

    含有无法印出的字符的文书也列在最后一页；没有一件可以印出的，答复 409，指明是哪一件、哪一个字符。
    """
    page = await _to_print(deps, wanted, document_ids, cursor)
    pdf = await printing.labels(deps, page.items, more=page.next_cursor is not None)
    return _file(request, pdf, _PDF, "寄送标签.pdf", page)


@router.get(
    "/letters.pdf",
    summary="文书合订（供打印）",
    response_class=Response,
    responses=_printed("各件文书"),
)
async def print_letters(
    request: Request,
    deps: Deps,
    actor: EveryCaller,
    wanted: ToPrint,
    document_ids: DocumentIds = (),
    cursor: Cursor = None,
) -> Response:
    """按寄送的先后合为一个文件，供双面打印：每件都从正面开始；含有无法印出的字符的，列在最后一页。一次至多200件；先后与标签、清单相同。"""
    page = await _to_print(deps, wanted, document_ids, cursor)
    pdf = await printing.letters(deps, page.items, fixes=fixes_letters(actor))
    return _file(request, pdf, _PDF, "文书合订.pdf", page)


async def _to_print(
    deps: Runtime, wanted: DispatchSearch, document_ids: tuple[str, ...], cursor: str | None
) -> Page[Dispatch]:
    if document_ids:
        page = Page(await dispatches.chosen(deps.engine, document_ids, wanted.part), None)
    else:
        page = await dispatches.dispatches(deps.engine, wanted, limit=_PRINTED_AT_ONCE, cursor=cursor)
    if not page.items:
        raise Problem(404, "nothing_to_print", "没有符合条件的文书。")
    seen(one.batch_no for one in page.items)
    return page


def _file(request: Request, content: bytes, kind: str, name: str, page: Page[Dispatch]) -> Response:
    headers = attachment(name) | next_link(request, page.next_cursor)
    return Response(content, media_type=kind, headers=headers)


def _add_form(path: str, form: Form, summary: str, description: str) -> None:
    """The list as CSV and as XLSX."""

    async def page_of(deps: Runtime, wanted: DispatchSearch, cursor: str | None) -> Page[Dispatch]:
        page = await dispatches.dispatches(deps.engine, wanted, limit=_LISTED_AT_ONCE, cursor=cursor)
        seen(one.batch_no for one in page.items)
        return page

    async def as_csv(
        request: Request,
        deps: Deps,
        wanted: Annotated[DispatchSearch, Depends(_searched(form.state))],
        cursor: Cursor = None,
    ) -> Response:
        page = await page_of(deps, wanted, cursor)
        content = writing.to_csv(form.header, form.rows(page.items))
        return _file(request, content, CSV, f"{form.title}.csv", page)

    async def as_xlsx(
        request: Request,
        deps: Deps,
        wanted: Annotated[DispatchSearch, Depends(_searched(form.state))],
        cursor: Cursor = None,
    ) -> Response:
        page = await page_of(deps, wanted, cursor)
        content = writing.to_xlsx(form.title, form.header, form.rows(page.items), form.filled_in)
        return _file(request, content, XLSX, f"{form.title}.xlsx", page)

    for ending, kind, endpoint in (("csv", CSV, as_csv), ("xlsx", XLSX, as_xlsx)):
        router.add_api_route(
            f"/{path}.{ending}",
            endpoint,
            operation_id=f"{path}_{ending}",
            summary=f"{summary}（{ending.upper()}）",
            description=f"{description}一次至多{_LISTED_AT_ONCE}件文书；{_MORE}",
            response_class=Response,
            responses={200: {"content": {kind: {}}, "description": "清单"}, **documented(401, 403, 422, 503)},
        )


def _add_import(
    path: str,
    columns_of: Callable[[Carriers], Columns],
    reader_of: Callable[[Carriers], Reader],
    *,
    summary: str,
    description: str,
    example: dict[str, Any],
) -> None:
    async def taken_in(
        request: Request,
        deps: Deps,
        actor: Annotated[Actor, Depends(only({Role.OFFICER}, summary))],
        dry_run: DryRun = False,
    ) -> ListAnswer:
        sheet = await received(request, columns_of(deps.carriers))
        return await take_in(deps, actor, sheet, reader_of(deps.carriers), dry_run=dry_run)

    columns = columns_of(read_carriers(None))
    named = "；".join("、".join(names) for names in columns.names.values())
    router.add_api_route(
        f"/{path}",
        taken_in,
        methods=["POST"],
        operation_id=f"import_{path}",
        summary=summary,
        description=f"{description}\n\n由执法人员办理。正文是 CSV（UTF-8 或 GB18030）、XLSX"
        f"（第一个工作表）或 JSON，至多{MAX_ROWS}行；逐行答复，一行有误不影响其他各行。"
        f"同一文件再交一次，不会重复登记，答复相同。各列的名称可以是：{named}。",
        response_description="各行的结果",
        responses=documented(400, 401, 403, 408, 413, 415, 422, 429, 503),
        openapi_extra=list_body(example),
    )


_add_form(
    "postings",
    POSTINGS,
    "待交寄文书清单",
    "每件文书、每个地址一行；填写邮件号码、交寄日期（寄递企业不填为 EMS）后，交回 "
    "`POST /dispatches/postings`。",
)
_add_form(
    "receipts",
    RECEIPTS,
    "已交寄文书清单",
    "填写结果、日期、签收人或者退回原因后，交回 `POST /dispatches/receipts`。",
)
_add_import(
    "postings",
    lambda carriers: carriers.posting_columns,
    lambda _carriers: lines.posting,
    summary="批量登记交寄",
    description="每行登记一次“文书交寄”；邮件号码和交寄日期都没有填的行略过。",
    example={
        "文书编号": "CJ2026-000001-result_notice-seller-1",
        "邮件号码": "1234567890123",
        "交寄日期": "2026-09-17",
        "寄递企业": "EMS",
    },
)
_add_import(
    "receipts",
    lambda carriers: carriers.receipt_columns,
    lambda carriers: partial(receipt, carriers=carriers),
    summary="批量登记回执",
    description="妥投的，登记“文书送达”；退回的（连同有退回原因、由寄件人一方签收的妥投），登记为未能送达的线索，由执法人员"
    "确认后才公告；他人代收、投柜的，登记“文书由他人代收”，由执法人员认定；尚在途中的略过。以邮件号码认文书，也可以用文号或者"
    "文书编号；一个邮件装有几件文书的，各件都登记。",
    example={"邮件号码": "1234567890123", "结果": "妥投", "日期": "2026-09-18", "签收人": "王某"},
)
_add_form(
    "findings",
    FINDINGS,
    "待认定文书清单",
    "有未能送达的线索的，和他人代收的；填写认定（退回或者送达）后，交回 `POST /dispatches/findings`。",
)
_add_import(
    "findings",
    lambda _carriers: FINDING_COLUMNS,
    lambda _carriers: lines.finding,
    summary="批量认定退回和送达",
    description="认定退回的，登记“文书退回”，随即公告；认定送达的，登记“文书送达”；没有填认定的行略过。认定日期、原因、回证编号"
    "不填的，以登记的线索为准。",
    example={"文书编号": "CJ2026-000001-result_notice-seller-1", "认定": "退回", "认定日期": "2026-09-22"},
)
