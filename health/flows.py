"""What Temporal knows: itself, the workers that ask it for work, batches' workflows and their failures."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from health.report import Found, degraded, down, for_how_long, ok, some
from store.ledger import batches
from store.watched import displaced, set_aside
from temporal import running, watching

# A worker asks again within a minute; the server remembers for minutes one that was killed.
_LATELY = timedelta(seconds=75)
# Temporal's list is seconds old, and the relay takes up within a minute what has no workflow.
_SETTLED_SECONDS = 60.0
_AT_MOST = 200
_LISTED_AT_MOST = 3000
_START_TEMPORAL = "请确认 Temporal 在运行，TEMPORAL_ADDRESS 正确。步骤照常入库，恢复后自动补发。"


async def server(client: Client) -> Found:
    await client.service_client.check_health(retry=True)
    return ok("可以连接")


async def workers(client: Client, task_queue: str) -> Found:
    seen = await watching.pollers(client, task_queue)
    now = datetime.now(UTC)
    at_work = {identity for identity, at in seen.items() if now - at < _LATELY}
    if at_work:
        return ok(f"{len(at_work)}个在办理（{some(sorted(at_work))}）")
    last = f"，最后一次在{for_how_long(now - max(seen.values()))}前" if seen else ""
    return down(
        f"没有 worker 在任务队列 {task_queue} 上办理{last}",
        "请启动 worker：本机用 choujian restart worker，容器用 docker compose up -d worker。",
    )


async def open_batches(client: Client, engine: AsyncEngine, task_queue: str) -> Found:
    """Whether every batch that is open in the record has a workflow that carries it, and one that acts."""
    expected = await batches.open_count(engine, _SETTLED_SECONDS)
    missing = await _without_workflow(client, engine, task_queue, expected)
    late = await batches.late(engine, _SETTLED_SECONDS, resting=(), limit=_AT_MOST)
    aside = await set_aside.standing_aside(engine, _AT_MOST)
    told = []
    if missing:
        told.append(f"没有在运行的流程：{missing}")
    if late:
        told.append(f"该办而没有办：{some(late)}")
    if aside:
        told.append(f"Temporal 不接受，已搁置：{some([one.batch_no for one in aside])}（{aside[0].reason}）")
    if not told:
        return ok(f"{expected}个未办结的批次都有流程")
    do = "流程会在一分钟内按记录自动恢复；仍未恢复的，请看 worker 的日志和流程页面。"
    return (down if missing else degraded)("；".join(told), do)


async def lost_records(client: Client, engine: AsyncEngine, task_queue: str) -> Found:
    """Whether a restored database lacks batches that workflows know of, or has given their numbers away."""
    numbers = set()
    if (
        await batches.open_count(engine, 0)
        < await running.running_count(client, task_queue)
        <= _LISTED_AT_MOST
    ):
        numbers = await batches.unknown(engine, await running.running_batches(client, task_queue))
    others = await displaced.waiting(engine, _AT_MOST)
    told, to_do = [], []
    if numbers:
        told.append(f"流程在运行而没有记录：{some(sorted(numbers))}")
        to_do.append("一分钟内自动补入；补完之前请不要下达新批次。")
    if others:
        told.append(f"编号已另行使用、流程已终止的批次：{some([one.batch_no for one in others])}")
        to_do.append("请用 choujian displaced 查看案卷，重新下达后登记处理结果。")
    if not told:
        return ok("没有丢失记录的批次")
    return (down if numbers else degraded)("；".join(told), "".join(to_do))


async def _without_workflow(client: Client, engine: AsyncEngine, task_queue: str, expected: int) -> str:
    """Which batches, or where there are too many to list in time how many; empty for none."""
    if expected > _LISTED_AT_MOST:
        # Those opened within the minute run too, and may hide as many: the relay finds each of them.
        short = expected - await running.running_count(client, task_queue)
        return f"{short}个" if short > 0 else ""
    # The record first, and what is missing once more: a batch may close in between.
    missing = await batches.open_numbers(engine, _SETTLED_SECONDS)
    missing -= await running.running_batches(client, task_queue) if missing else set()
    missing &= await batches.open_numbers(engine, _SETTLED_SECONDS) if missing else set()
    return some(sorted(missing))


async def workflow_tasks(client: Client) -> Found:
    failing = await watching.failing_workflows(client, _AT_MOST)
    if not failing:
        return ok("没有反复出错的流程")
    return down(
        f"反复出错而停住：{some(failing)}",
        "程序有缺陷或版本不符：请看流程页面上的报错和 worker 的日志，更正后重新部署，流程自动继续。",
    )


def unreachable() -> Found:
    return down("连接不上", _START_TEMPORAL)
