"""Every error as an RFC 9457 problem document, with a stable ``code`` and a Chinese ``detail``."""

import logging
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import DBAPIError
from starlette.exceptions import HTTPException

from api.web.wording import clipped, sentences
from lists.faults import ListFault, ListFaultCode
from messages.snapshot import Wait
from store.engine import UNREACHABLE
from store.errors import (
    AccountEnded,
    AccountExists,
    AccountUnknown,
    BatchUnknown,
    CheckpointUnknown,
    CursorInvalid,
    DeputyUnknown,
    DisposalByProposer,
    DisposalUnknown,
    DocumentUnknown,
    DocumentWithdrawn,
    DraftReplaced,
    DrawCorrectedByProposer,
    DrawUnknown,
    EntryChanged,
    EntryElsewhere,
    EntryNotHeld,
    EntryUnknown,
    EvidenceHeld,
    EvidenceNotDue,
    EvidenceUnknown,
    HolderChanged,
    ImportApprovedByProposer,
    ImportSuperseded,
    ImportUnknown,
    KeyReused,
    LastAdministrator,
    MailUnknown,
    NothingHeld,
    NothingProposed,
    NothingToImport,
    NotStorable,
    NotSubmitted,
    PaperUnknown,
    PeriodInvalid,
    PlannedByDrafter,
    PlannedEnded,
    PlannedSettled,
    PlannedUnknown,
    ReasonMissing,
    RunUnknown,
    StoreError,
    TooMany,
    TooManyOfOne,
    TooManyUploads,
    UnderApproval,
    UploadUnknown,
    VersionReused,
)

MEDIA_TYPE = "application/problem+json"
_log = logging.getLogger(__name__)

_TITLES = {
    400: "请求无法读取",
    401: "未通过身份验证",
    403: "无权办理",
    404: "未找到",
    405: "不支持的请求方法",
    408: "请求没有收完",
    409: "不予受理",
    410: "已撤下",
    411: "没有说明长度",
    412: "协议版本不符",
    413: "请求内容过大",
    415: "不支持的内容类型",
    416: "所要的范围不存在",
    422: "请求内容有误",
    423: "正在办理",
    429: "提交过于频繁",
    460: "校验和不符",
    500: "系统内部错误",
    503: "服务暂不可用",
    507: "存储空间不足",
}
_CODES = {404: "not_found", 405: "method_not_allowed", 413: "body_too_large", 415: "unsupported_media_type"}
_STORE: dict[type[StoreError], tuple[int, str]] = {
    AccountUnknown: (404, "account_unknown"),
    AccountExists: (409, "account_exists"),
    AccountEnded: (409, "account_ended"),
    LastAdministrator: (409, "account_last_admin"),
    DeputyUnknown: (404, "deputy_unknown"),
    BatchUnknown: (404, "batch_unknown"),
    CheckpointUnknown: (404, "checkpoint_unknown"),
    DocumentUnknown: (404, "document_unknown"),
    DocumentWithdrawn: (410, "document_withdrawn"),
    MailUnknown: (404, "mail_unknown"),
    EvidenceUnknown: (404, "evidence_unknown"),
    EvidenceNotDue: (409, "evidence_not_due"),
    EvidenceHeld: (409, "evidence_held"),
    DisposalUnknown: (404, "disposal_unknown"),
    NothingHeld: (409, "evidence_not_held"),
    NothingProposed: (409, "disposal_not_proposed"),
    DisposalByProposer: (403, "disposal_same_person"),
    UploadUnknown: (404, "upload_unknown"),
    TooManyUploads: (429, "too_many_uploads"),
    KeyReused: (409, "key_reused"),
    CursorInvalid: (422, "cursor_invalid"),
    NotStorable: (422, "not_storable"),
    HolderChanged: (409, "holder_changed"),
    TooMany: (429, "too_many"),
    TooManyOfOne: (429, "too_many"),
    PeriodInvalid: (422, "period_invalid"),
    PlannedUnknown: (404, "planned_unknown"),
    PlannedEnded: (409, "planned_ended"),
    PlannedSettled: (409, "commission_settled"),
    UnderApproval: (409, "under_approval"),
    NotSubmitted: (409, "not_submitted"),
    DraftReplaced: (409, "draft_replaced"),
    PlannedByDrafter: (403, "planned_same_person"),
    ReasonMissing: (422, "reason_missing"),
    PaperUnknown: (404, "paper_unknown"),
    RunUnknown: (404, "order_run_unknown"),
    DrawUnknown: (404, "draw_unknown"),
    DrawCorrectedByProposer: (403, "draw_same_person"),
    EntryUnknown: (404, "entry_unknown"),
    EntryNotHeld: (404, "entry_not_held"),
    EntryElsewhere: (409, "entry_elsewhere"),
    EntryChanged: (409, "entry_changed"),
    ImportUnknown: (404, "calendar_import_unknown"),
    ImportApprovedByProposer: (403, "calendar_same_person"),
    ImportSuperseded: (409, "calendar_superseded"),
    NothingToImport: (409, "calendar_already_in_force"),
    VersionReused: (409, "calendar_version_reused"),
}
_LISTS = {
    ListFaultCode.UNREADABLE: 422,
    ListFaultCode.HEADER_UNKNOWN: 422,
    ListFaultCode.TOO_LONG: 413,
    ListFaultCode.TOO_LARGE: 413,
}
# SQLSTATE: connection trouble, read-only, out of resources, shutting down or starting up, and no tables yet.
_DATABASE_NOT_READY = ("08", "25006", "53", "57P", "42P01")
_DETAILS = {404: "没有这个地址。", 405: "这个地址不支持该请求方法。"}


class FieldProblem(BaseModel):
    """One field that cannot be read, named as the form names it."""

    field: str = Field(title="项目", examples=["参加人员 › 第2项 › 姓名"])
    pointer: str = Field(title="JSON 指针", examples=["/participants/1/name"])
    message: str = Field(title="说明", examples=["缺少该项"])


class ProblemDocument(BaseModel):
    """RFC 9457; ``code`` is stable, everything Chinese is for people."""

    model_config = ConfigDict(title="问题说明")

    type: str = Field(examples=["urn:choujian:problem:filed_late"])
    title: str
    status: int
    detail: str
    code: str
    instance: str
    errors: list[FieldProblem] | None = Field(default=None, title="各项错误")
    step_id: str | None = Field(default=None, title="步骤编号")
    rests_on: str | None = Field(default=None, title="依据")
    waiting_for: list[Wait] | None = Field(default=None, title="批次正在等待的事项")
    missing: list[str] | None = Field(default=None, title="尚缺的条件")
    error_id: str | None = Field(default=None, title="错误编号，报修时请提供")


class Problem(Exception):
    """Raise this anywhere below a route; ``extra`` are further members of the document."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        headers: Mapping[str, str] | None = None,
        **extra: Any,
    ) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail = status, code, detail
        self.headers, self.extra = headers, extra


def problem_response(request: Request, problem: Problem) -> JSONResponse:
    """The document as it goes out; ``instance`` is the path that was asked for."""
    document = {
        "type": f"urn:choujian:problem:{problem.code}",
        "title": title_of(problem.status),
        "status": problem.status,
        "detail": problem.detail,
        "code": problem.code,
        "instance": clipped(request.url.path),
        **problem.extra,
    }
    headers = None if problem.headers is None else dict(problem.headers)
    return JSONResponse(document, problem.status, headers, MEDIA_TYPE)


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The ``responses`` of a route: these problems may come back."""
    return {status: {"model": ProblemDocument, "description": _TITLES[status]} for status in statuses}


def install(app: FastAPI) -> None:
    """Make every error of the application a problem document."""
    app.add_exception_handler(Problem, _on_problem)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(HTTPException, _on_http)
    for refusal in _STORE:
        app.add_exception_handler(refusal, _on_store)
    app.add_exception_handler(ListFault, _on_list)
    app.add_exception_handler(DBAPIError, _on_database_error)
    # What connecting raises comes from the driver or the system as it is.
    for unreachable in UNREACHABLE:
        app.add_exception_handler(unreachable, _on_database_down)
    app.add_exception_handler(Exception, _on_fault)


async def _on_problem(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, Problem)
    return problem_response(request, error)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    found = sentences(errors, request.scope["route"])
    detail = "；".join(f"{one['field']}：{one['message']}" for one in found[:3])
    if len(errors) > 3:
        detail += f"；等共{len(errors)}处"
    return problem_response(request, Problem(422, "invalid", detail, errors=found))


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    status = error.status_code
    code = _CODES.get(status, HTTPStatus(status).phrase.lower().replace(" ", "_"))
    detail = _DETAILS.get(status) or _TITLES.get(status) or HTTPStatus(status).phrase
    return problem_response(request, Problem(status, code, detail, headers=error.headers))


def of_store(error: StoreError) -> Problem:
    """What the store refuses, as the API tells it."""
    status, code = _STORE[type(error)]
    headers = {"Retry-After": str(error.seconds)} if isinstance(error, TooMany) else None
    return Problem(status, code, f"{error}。", headers=headers)


def title_of(status: int) -> str:
    return _TITLES.get(status) or HTTPStatus(status).phrase


async def _on_store(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, StoreError)
    return problem_response(request, of_store(error))


async def _on_list(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, ListFault)
    return problem_response(request, Problem(_LISTS[error.code], error.code, str(error)))


async def _on_database_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, DBAPIError)
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if error.connection_invalidated or state.startswith(_DATABASE_NOT_READY):
        return await _on_database_down(request, error)
    return await _on_fault(request, error)


async def _on_database_down(request: Request, error: Exception) -> JSONResponse:
    _log.warning("database unavailable: %s", error)
    detail = "数据库暂时连接不上，请稍后重试。"
    problem = Problem(503, "database_unavailable", detail, headers={"Retry-After": "5"})
    return problem_response(request, problem)


async def _on_fault(request: Request, error: Exception) -> JSONResponse:
    error_id = str(uuid4())
    _log.error("unhandled error %s on %s %s", error_id, request.method, request.url.path, exc_info=error)
    detail = f"系统出现内部错误，已记录；报修时请提供错误编号 {error_id}。"
    # The server ends the connection after it: whoever asks next must not ask there.
    headers = {"Connection": "close"}
    return problem_response(
        request, Problem(500, "internal_error", detail, headers=headers, error_id=error_id)
    )
