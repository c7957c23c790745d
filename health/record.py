"""What PostgreSQL knows: itself, what lies about in it, what the workers said last, next year's calendar."""

from datetime import timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from health.report import Found, Standing, degraded, down, for_how_long, ok, some
from law.calendar import day_in_shanghai
from store.calendars import arrangements
from store.evidence import checks
from store.evidence.checks import CYCLE, Places
from store.mails import unread
from store.migrate import is_current
from store.told import handing
from store.watched import backlog, heartbeats
from store.watched.backlog import Failing
from store.watched.heartbeats import Beating

_ROUND_IS_LATE = timedelta(seconds=30)
_ROUND_IS_MISSED = timedelta(minutes=2)
_LOOK_IS_LATE = timedelta(minutes=3)
_STEP_IS_LATE = timedelta(seconds=30)
_STEP_IS_STUCK = timedelta(minutes=10)
_LETTER_IS_LATE = timedelta(minutes=10)
_SWEEP_IS_LATE = timedelta(hours=3)
_ALERT_IS_LATE = timedelta(minutes=2)
_EVENT_IS_LATE = timedelta(hours=1)
# The State Council announces a year in the autumn before it.
_ANNOUNCED_BY_MONTH = 11
_WORKER = "请确认 worker 在运行（choujian status，日志在数据文件夹的 logs 中）；没有运行就启动它。"
_MAIL = "请核对 CHOUJIAN_SMTP_URL 和邮件服务器；信件会再试一天，之后转为人工递送。"
_TOLD = "请核对 CHOUJIAN_EVENTS 和对方系统；拒收的改正之后，用 POST /operations/told/again 再报送。"
_UNREAD = "请执法人员查看 GET /mailbox 中的来信，处理后标记。"
_MAILBOX = "请核对 CHOUJIAN_BOUNCES_URL 和邮箱；在此期间请人工查看退信。"

_LOST = "请查看批次的记录，从备份中找回文件，放回原处，再运行 choujian evidence sweep。"
_DAMAGED = "请查看该存储；恢复之后运行 choujian evidence sweep 即行修复。"
_NO_SWEEP = (
    "请核对 worker 的 CHOUJIAN_EVIDENCE、CHOUJIAN_EVIDENCE_SECOND 和 CHOUJIAN_EVIDENCE_KEYS，存储是否挂载。"
)


async def database(engine: AsyncEngine) -> Found:
    if not await is_current(engine):
        return down("结构不是当前版本", "请运行 choujian migrate。")
    if not await backlog.takes_writes(engine):
        return down(
            "只读：不能受理", "请查明数据库为何只读（副本、default_transaction_read_only），改为可写。"
        )
    return ok("可以读写，结构是当前版本")


async def relay(engine: AsyncEngine) -> Found:
    last = (await heartbeats.heard(engine)).get(heartbeats.RELAY)
    if last is None:
        return down("还没有补发过", _WORKER)
    told = f"上一轮在{for_how_long(last.age)}前"
    if last.age > _ROUND_IS_MISSED:
        return down(told, _WORKER)
    return degraded(told, _WORKER) if last.age > _ROUND_IS_LATE else ok(told)


async def steps(engine: AsyncEngine) -> Found:
    lying = await backlog.steps(engine, _STEP_IS_LATE)
    told, oldest = [], timedelta(0)
    for what, those in (("没有送达流程", lying.unsignalled), ("已送达、尚未决定", lying.undecided)):
        if those.number:
            told.append(f"{those.number}个步骤{what}，最早的已{for_how_long(those.oldest or timedelta(0))}")
            oldest = max(oldest, those.oldest or timedelta(0))
    if not told:
        return ok("没有积压")
    do = "请看 worker 和 relay 两项；它们正常时，请看流程页面上这些批次的报错。步骤都已入库，不会丢失。"
    return (down if oldest > _STEP_IS_STUCK else degraded)("；".join(told), do)


async def letters(engine: AsyncEngine) -> Found:
    found = await backlog.letters(engine, _LETTER_IS_LATE)
    do = "请执法人员处理 GET /dispatches?state=failing 中的信件；迟迟没有发出的，请看 worker 的日志。"
    return _failing(found, "封信", "送不到或制作不了", do)


async def alerts(engine: AsyncEngine) -> Found:
    found = await backlog.alerts(engine, _ALERT_IS_LATE)
    do = "请核对 CHOUJIAN_ALERT_URLS；在此期间请在待办（GET /tasks?overdue=true）中查看。"
    return _failing(found, "条提醒", "发送失败", do)


def _failing(found: Failing, unit: str, how: str, what_to_do: str) -> Found:
    told = [f"{found.failing}{unit}{how}"] if found.failing else []
    if found.waiting.number:
        age = for_how_long(found.waiting.oldest or timedelta(0))
        told.append(f"{found.waiting.number}{unit}迟迟没有发出，最早的已{age}")
    return degraded("；".join(told), what_to_do) if told else ok("没有失败，没有积压")


async def told(engine: AsyncEngine) -> Found:
    """Outside platforms, and whether each takes in what it is told."""
    receivers = await handing.standings(engine)
    if not receivers:
        return ok("未设置：不向外部平台报送")
    wrong = [f"{one.receiver}拒收{one.dead}件" for one in receivers if one.dead]
    for one in receivers:
        if one.oldest is not None and one.oldest > _EVENT_IS_LATE:
            wrong.append(
                f"{one.receiver}有{one.waiting}件待报送，已{for_how_long(one.oldest)}（{one.answer}）"
            )
    return degraded("；".join(wrong), _TOLD) if wrong else ok(some([one.receiver for one in receivers]))


async def mail(engine: AsyncEngine) -> Found:
    return await _outside(engine, heartbeats.MAIL, "未设置：信件由人工递送", _MAIL)


async def mailbox(engine: AsyncEngine) -> Found:
    found = await _outside(engine, heartbeats.MAILBOX, "未设置：退信由人工查看", _MAILBOX)
    if found.status is not Standing.OK or not (waiting := await unread.waiting(engine)):
        return found
    return degraded(f"可以连接；{waiting}封来信规则读不懂", _UNREAD)


async def _outside(engine: AsyncEngine, name: str, not_configured: str, what_to_do: str) -> Found:
    """What a worker saw of a server that only workers are told of."""
    last = (await heartbeats.heard(engine)).get(name)
    if last is None:
        return degraded("worker 还没有查看过", _WORKER)
    if last.age > _LOOK_IS_LATE:
        return degraded(f"worker 已有{for_how_long(last.age)}没有查看", _WORKER)
    if last.state is Beating.FAILING:
        return degraded(f"worker 连接不上：{last.detail}", what_to_do)
    return ok(not_configured if last.state is Beating.NOT_CONFIGURED else "可以连接")


async def evidence(engine: AsyncEngine, places: Places) -> Found:
    """What the sweep has found, and whether it keeps up."""
    found = await checks.standing(engine, places)
    if not found.files:
        return ok("还没有证据")
    if found.lost:
        told = f"{found.lost}件证据缺失、改动或读不出来，没有完整的副本"
        return down(f"{told}，例如批次 {'、'.join(found.batch_nos)}", _LOST)
    if found.damaged:
        told = f"{found.damaged}件证据的一份副本缺失、改动或读不出来，另一份完整"
        return degraded(f"{told}，例如批次 {'、'.join(found.batch_nos)}", _DAMAGED)
    last = (await heartbeats.heard(engine)).get(heartbeats.EVIDENCE)
    if last is None or last.age > _SWEEP_IS_LATE:
        return degraded("worker 没有在重读证据", _WORKER)
    if last.state is Beating.FAILING:
        return degraded(f"worker 读不了证据：{last.detail}", _NO_SWEEP)
    if found.overdue:
        return degraded(f"{found.overdue}件证据已有{CYCLE.days}天没有重读", _WORKER)
    waiting = f"，{found.unread}件等待第一次重读" if found.unread else ""
    return ok(f"{found.files}件{waiting}，读过的都完整")


async def calendar(engine: AsyncEngine) -> Found:
    today = day_in_shanghai(await backlog.clock(engine))
    in_force = (await arrangements.in_force(engine)).calendar
    announced = {year.year for year in in_force.years if year.announced}
    if today.year not in announced:
        return down(
            f"{today.year}年的放假安排没有导入：期限按推算的日历计算",
            "请导入国务院公布的安排：choujian calendar（docs/import-a-year.md）。",
        )
    if today.year + 1 in announced:
        return ok(f"{today.year}年和{today.year + 1}年的放假安排已在")
    if today.month < _ANNOUNCED_BY_MONTH:
        return ok(f"{today.year}年的放假安排已在；{today.year + 1}年的通常在11月公布")
    return degraded(
        f"{today.year + 1}年的放假安排没有导入：该年的期限是暂定的",
        "国务院公布后请尽快导入：choujian calendar（docs/import-a-year.md）。",
    )
