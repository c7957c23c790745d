"""The HTTP application: wires what the routes need, and nothing else."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from starlette.types import ASGIApp, Receive, Scope, Send

from api import (
    access,
    accounts,
    batches,
    calendars,
    deadlines,
    documents,
    exports,
    filed,
    forecast,
    health,
    holding,
    mailbox,
    months,
    notices,
    operations,
    outages,
    search,
    signed,
    steps,
    tasks,
    told,
    verify,
)
from api.archive import routes as archive
from api.certificates import routes as certificates
from api.console import routes as console
from api.dispatches import routes as dispatches
from api.draws import course as draw_course
from api.draws import drafting as draw_drafting
from api.draws import showing as draw_showing
from api.evidence import certificates as evidence_certificates
from api.evidence import disposing as evidence_disposing
from api.evidence import reading as evidence_reading
from api.evidence import uploading as evidence_uploading
from api.evidence import verifying as evidence_verifying
from api.figures import routes as figures
from api.planning import bulk
from api.planning import routes as planning
from api.planning import tasks as planned_tasks
from api.public import checkpoints
from api.public import draws as public_draws
from api.public import routes as public
from api.public.faults import FaultPages
from api.records import exporting as record_exports
from api.records import routes as records
from api.registers import routes as registers
from api.web import openapi, problems
from api.web.address import CleanAddress
from api.web.auth import LocalIssuer
from api.web.headers import SafeHeaders
from api.web.hosts import OnlyOwnHosts, OwnHosts
from api.web.reading import KeepsReads
from api.web.revocations import Revocations
from api.web.runtime import Runtime, TemporalLink
from evidence.tidying import keep_tidy
from lists.carriers import read_carriers
from settings import Settings
from store.engine import make_engine
from store.listener import DecisionListener

_TAGS = [
    {"name": "批次", "description": "下达抽检批次，查询批次的阶段、待办、文书和全程记录。"},
    *steps.TAGS,
    {"name": "文书", "description": "每件文书的文号、内容和公文版式的 PDF。"},
    {
        "name": "证据",
        "description": "录像、报告、回执等文件：按 tus 1.0 协议上传（`POST /evidence/uploads`），可以续传；"
        "入库后加密保存，按摘要查阅，保管人和每次查阅都有记录。",
    },
    {"name": "待办", "description": "各批次正在等待的事项：由谁负责、何时届满、依据何条。"},
    {"name": "期限", "description": "试算期限并逐日说明；为批次的期限出具证明。"},
    {"name": "放假安排", "description": "导入国务院公布的年度放假安排：先试算，一人提出，另一人批准。"},
    {
        "name": "登记库",
        "description": "检验机构（资质、合同）、第三方交易平台、经营者和生产者、市场监督管理局："
        "自何日起怎样，各版本都保留；清单导入和导出。",
    },
    {"name": "计划和方案", "description": "年度抽检计划和抽检实施方案：起草、提交、退回、批准、调整和终止。"},
    {
        "name": "进度和统计",
        "description": "计划的进度和按条件的统计：数目、比率及其区间、费用、按期情况。",
    },
    {
        "name": "质量档案",
        "description": "经营者、生产者、商品和平台的最终结果、不合格项目、复检、交办和更正（反向建档）。",
    },
    {
        "name": "随机抽查",
        "description": "名单先冻结、公布，种子公布之后抽取；跳过、更正逐条签名记录，任何人可以重复核验。",
    },
    {"name": "公开信息", "description": "向社会公布的抽检结果和公告，无需令牌。"},
    {"name": "查阅记录", "description": "何人何时查阅了个人信息，只供审计人员。"},
    {
        "name": "账号",
        "description": "谁可以登录工作台，以何身份，谁代理谁；由系统管理员办理，每项变更都有记录。",
    },
    {"name": "运行状态", "description": "供监控和负载均衡使用。"},
]

# The first that fits a path answers it.
_ROUTERS = (
    batches.ordering_router,
    batches.router,
    signed.router,
    certificates.router,
    archive.router,
    steps.router,
    filed.router,
    filed.own_router,
    holding.router,
    documents.router,
    evidence_certificates.router,
    evidence_disposing.router,
    evidence_disposing.changing_router,
    evidence_uploading.options_router,
    evidence_uploading.router,
    evidence_uploading.listing_router,
    evidence_reading.router,
    evidence_reading.changing_router,
    dispatches.router,
    mailbox.router,
    tasks.router,
    planned_tasks.router,
    search.router,
    exports.router,
    operations.router,
    told.router,
    access.router,
    accounts.router,
    forecast.router,
    months.router,
    outages.router,
    deadlines.router,
    notices.router,
    calendars.router,
    registers.router,
    registers.changing_router,
    bulk.router,
    figures.router,
    records.router,
    record_exports.router,
    planning.router,
    planning.changing_router,
    draw_drafting.router,
    draw_drafting.changing_router,
    draw_showing.router,
    draw_course.router,
    checkpoints.router,
    checkpoints.page_router,
    public_draws.router,
    public_draws.page_router,
    public.router,
    public.pages_router,
    verify.router,
    evidence_verifying.router,
    health.router,
)


class _Application(FastAPI):
    """With what goes round every answer, also round those to faults that no other layer sees."""

    def __init__(self, settings: Settings, **said: Any) -> None:
        super().__init__(**said)
        self._settings = settings

    def build_middleware_stack(self) -> ASGIApp:
        hosts = OwnHosts(self._settings.host_names, any_address=True)
        pages = FaultPages(super().build_middleware_stack(), {console.AT: console.fault_page})
        https = self._settings.public_address.lower().startswith("https:")
        return SafeHeaders(OnlyOwnHosts(pages, hosts, _host_refused), https=https)


async def _host_refused(scope: Scope, receive: Receive, send: Send) -> None:
    """What a name that is not ours gets: nothing of what is here."""
    refusal = problems.Problem(403, "host_refused", "这个地址不是本系统的名称（CHOUJIAN_HOSTS）。")
    await problems.problem_response(Request(scope), refusal)(scope, receive, send)


def create_app(settings: Settings) -> FastAPI:
    """The application for one installation. It starts, and takes steps in, with Temporal down.

    Raises ``SettingFaulty`` for a file of carriers' words that cannot be read.
    """
    carriers = read_carriers(settings.carrier_words)

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        url = settings.database_url
        if url is None:
            raise ValueError("DATABASE_URL is not set")
        engine = make_engine(url)
        listener = DecisionListener(url)
        await listener.start()
        revocations = Revocations(engine)
        app.state.runtime = runtime = Runtime(
            settings, engine, listener, TemporalLink(settings), LocalIssuer(settings, revocations), carriers
        )
        asking = asyncio.create_task(revocations.keep())
        tidying = asyncio.create_task(keep_tidy(runtime.evidence, runtime.uploads))
        try:
            await revocations.asked.wait()
            yield
        finally:
            asking.cancel()
            tidying.cancel()
            await runtime.close()
            await listener.stop()
            await engine.dispose()

    app = _Application(
        settings,
        title="抽检 Choujian",
        version="1.0",
        description=openapi.DESCRIPTION,
        openapi_tags=_TAGS,
        docs_url=None,
        redoc_url=None,
        lifespan=lifespan,
    )
    problems.install(app)
    openapi.install(app)
    app.add_middleware(KeepsReads)
    app.add_middleware(CleanAddress)
    for router in _ROUTERS:
        app.include_router(router)
    console.install(app)
    return app
