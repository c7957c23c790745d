"""``choujian order``, ``step`` and ``show`` on a running stack: what is printed, and what scripts go by."""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from local.commands import batches
from local.commands.calling import Caller
from local.errors import CommandError
from local.scenarios.courses import example_order
from local.scenarios.demo import on_stage
from settings import Settings
from store.ledger import record
from tests.store.builders import change, entry, open_one, snapshot

Said = pytest.CaptureFixture[str]
Step = Callable[..., Awaitable[bool]]


@pytest.fixture
def caller(stack: None, settings: Settings) -> Caller:  # noqa: ARG001 (running)
    return Caller(settings)


@pytest.fixture
def step(caller: Caller) -> Step:
    """The command, beside the loop that the stack runs in."""

    def file(
        batch_no: str, name: str, *settings: str, role: str | None = None, body: Path | None = None
    ) -> Awaitable[bool]:
        return asyncio.to_thread(
            batches.step, caller, batch_no, name, role=role, file=body, settings=settings
        )

    return file


@pytest.fixture
async def batch(caller: Caller, capsys: Said) -> str:
    """The number of the example, ordered."""
    await asyncio.to_thread(batches.order, caller, None)
    return capsys.readouterr().out.strip()


async def test_only_the_number_is_on_stdout(caller: Caller, tmp_path: Path, capsys: Said) -> None:
    """So that BATCH=$(choujian order) works. The same goods in the same year are refused (§3)."""
    file = tmp_path / "order.json"
    file.write_text(json.dumps(example_order(datetime.now(UTC))))
    await asyncio.to_thread(batches.order, caller, file)
    said = capsys.readouterr()
    assert re.fullmatch(r"CJ\d{4}-\d{6}\n", said.out)
    assert f"已下达抽检批次 {said.out.strip()}（儿童保温杯 SL-500）" in said.err
    with pytest.raises(CommandError, match="本年度") as refused:
        await asyncio.to_thread(batches.order, caller, file)
    assert refused.value.exit_code == 1
    assert capsys.readouterr().out == ""


async def test_a_step_is_accepted_or_refused_with_its_reason(batch: str, step: Step, capsys: Said) -> None:
    """By the role that may do it: the laboratory receives what an officer has bought."""
    assert await step(batch, "purchased")
    assert await step(batch, "received")
    assert capsys.readouterr().out == "已受理 网络购样（§5）\n已受理 样品收货（§5）\n"
    assert not await step(batch, "report_received")
    assert "不予受理 收到检验报告：本批次处于“抽样”阶段" in capsys.readouterr().out


async def test_a_field_is_set_by_its_name(batch: str, caller: Caller, step: Step) -> None:
    """Text as it is written, also for a number; a field within a field; an object as JSON."""
    quantity = '{"amount": "5", "unit": "只"}'
    assert await step(batch, "purchased", "buyer.name=钱买样", "goods.stock=7", f"test_quantity={quantity}")
    record = await asyncio.to_thread(caller.ask, "auditor", "GET", f"/batches/{batch}/timeline")
    body = next(line["data"]["body"] for line in record["entries"] if line["data"].get("step") == "purchased")
    assert (body["buyer"]["name"], body["buyer"]["kind"]) == ("钱买样", "officer")
    assert (body["goods"]["stock"], body["test_quantity"]["unit"]) == ("7", "只")


@pytest.mark.parametrize(
    ("name", "over", "role", "exit_code", "sentence"),
    [
        ("purchase", (), None, 2, "没有“purchase”这个步骤"),
        ("sealed", (), "lab", 1, "由执法人员、处室负责人办理"),
        ("sealed", (), "boss", 2, "没有“boss”这个角色"),
        ("result_accepted", ("party=nobody",), None, 2, "当事人：应为下列之一"),
        ("result_accepted", ("party",), None, 2, "应写成 项目=内容"),
        ("result_accepted", ("document=[",), None, 2, "不是有效的 JSON"),
    ],
)
async def test_a_step_that_cannot_be_filed_says_why(
    batch: str,
    step: Step,
    name: str,
    over: tuple[str, ...],
    role: str | None,
    exit_code: int,
    sentence: str,
) -> None:
    with pytest.raises(CommandError) as refused:
        await step(batch, name, *over, role=role)
    assert sentence in f"{refused.value.sentence}{refused.value.detail}"
    assert refused.value.exit_code == exit_code


async def test_a_batch_or_a_body_that_is_not_there(batch: str, step: Step, tmp_path: Path) -> None:
    list_of_none = tmp_path / "body.json"
    list_of_none.write_text("[]")
    for number, body, sentence in (
        ("CJ1999-000001", None, "没有编号为 CJ1999-000001 的批次"),
        ("no?batch", None, "没有编号为 no?batch 的批次"),
        (batch, list_of_none, "应为一个 JSON 对象"),
        (batch, tmp_path / "nowhere.json", "读不到"),
    ):
        with pytest.raises(CommandError) as refused:
            await step(number, "purchased", body=body)
        assert sentence in refused.value.sentence
        assert refused.value.exit_code == 2


async def test_a_batch_is_shown_in_words(
    batch: str, caller: Caller, step: Step, capsys: Said, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it waits for, from whom, until when, on what rule, and by which step; its papers; its record."""
    monkeypatch.setenv("COLUMNS", "200")
    await step(batch, "purchased")
    capsys.readouterr()
    await asyncio.to_thread(batches.show, caller, batch, timeline=False)
    said = capsys.readouterr().out
    assert said.startswith(f"{batch} 儿童保温杯")
    assert "阶段：抽样  结果：尚未确定" in said
    assert re.search(r"样品收货 +received +检验机构人员（义务） +无期限 +§5", said)
    assert re.search(r"抽查检验工作委托书 .*浙江省示例检验院 +已发出", said)
    await asyncio.to_thread(batches.show, caller, batch, timeline=True)
    assert re.search(r"网络购样 +执法人员 +§5", capsys.readouterr().out)


async def test_an_example_is_dated_by_the_batchs_own_clock(
    batch: str, settings: Settings, step: Step
) -> None:
    """The demonstration leaves batches weeks ahead of our clock; their next step is not in their past."""
    assert await step(batch, "purchased")
    async with on_stage(settings) as stage:
        await stage.fast_forward(batch, timedelta(days=30))
    assert await step(batch, "received")
    assert await step(batch, "sealing_scheduled")
    assert await step(batch, "sealed")


async def test_a_stack_that_is_gone_is_said_in_one_sentence(settings: Settings) -> None:
    with pytest.raises(CommandError, match=rf"连接不上 API（http://127.0.0.1:{settings.api_port}）"):
        batches.order(Caller(settings), None)


async def test_a_record_of_many_pages_is_shown_whole(
    caller: Caller, engine: AsyncEngine, capsys: Said
) -> None:
    """From the first line to the last."""
    batch_no = (await open_one(engine)).batch_no
    lines = [entry(f"{n}号") for n in range(1, 521)]
    await record.write(engine, change(snapshot(batch_no, 1), *lines), time_skipping=False)
    await asyncio.to_thread(batches.show, caller, batch_no, timeline=True)
    said = capsys.readouterr().out
    assert "记录1号" in said
    assert "记录520号" in said
