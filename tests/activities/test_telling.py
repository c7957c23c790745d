"""Outside platforms are told of what came about: signed, at least once, in sequence, refusals seen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from activities.mapping import given, read_profile
from activities.telling import Telling, receivers_of
from activities.webhooks import Webhooks
from law.vocabulary import Verdict
from messages.quality import FailedItem
from messages.told import ToldKind
from settings import SettingFaulty, Settings
from store.ledger import record
from store.told import handing
from tests.activities.operators import SECRET, OperatorSystem, operator_system, says
from tests.store.builders import open_one, until
from tests.store.quality import entry, say

NAME = "信用平台"


@pytest.fixture
async def system() -> AsyncIterator[OperatorSystem]:
    async with operator_system() as system:
        yield system


async def breaks_off(request: Request) -> Response:
    """As a gateway does that takes offence at what is in a message."""
    connection: Any = request.receive
    connection.__self__.transport.abort()
    return PlainTextResponse("")


class Told:
    """A platform that is told of results, and the bureau's side of it."""

    def __init__(self, engine: AsyncEngine, folder: Path, system: OperatorSystem) -> None:
        self.engine, self.system, self._folder = engine, system, folder

    def settings(self, *names: str, profile: str = "credit", port: int | None = None) -> Settings:
        url = f"http://127.0.0.1:{port or self.system.port}/letters"
        listed = [{"name": one, "url": url, "secret": SECRET, "profile": profile} for one in names]
        file = self._folder / "events.yaml"
        file.write_text(yaml.safe_dump(listed, allow_unicode=True), "utf-8")
        return Settings(events=file, public_url="https://bureau.example")

    async def round(self, profile: str = "credit", port: int | None = None) -> float:
        """What is new is spread, and the platform told; until the next time."""
        settings = self.settings(NAME, profile=profile, port=port)
        telling = Telling(self.engine, settings, Webhooks(patience_seconds=2))
        await telling.spread()
        return await telling.tell(receivers_of(settings)[NAME])

    async def now(self, **columns: str) -> None:
        """As though it were later."""
        changes = ", ".join(f"{name} = {value}" for name, value in columns.items())
        async with self.engine.begin() as connection:
            await connection.execute(text(f"update told_to set {changes} where state = 'waiting'"))

    async def standing(self) -> handing.ReceiverStanding:
        (one,) = await handing.standings(self.engine)
        return one


@pytest.fixture
def told(engine: AsyncEngine, tmp_path: Path, system: OperatorSystem) -> Told:
    return Told(engine, tmp_path, system)


async def results(engine: AsyncEngine, *verdicts: Verdict) -> str:
    """A batch whose result is recorded, and then put right."""
    opening = await open_one(engine)
    item = FailedItem(name="耐热冲击", standard="GB/T 1", requirement="无裂纹", measured="有裂纹")
    for version, verdict in enumerate(verdicts, 1):
        await say(engine, opening, version, entry(verdict=verdict, failed=(item,)))
    return opening.batch_no


async def test_a_result_is_told_signed_and_under_the_platforms_own_names(told: Told) -> None:
    """As CloudEvents has it: from where, the how-many-eth of it, and what the profile says."""
    batch_no = await results(told.engine, Verdict.NONCONFORMING)
    await told.round()
    ((message_id, event),) = told.system.received
    assert event["source"] == f"https://bureau.example/events/{batch_no}"
    assert message_id == f"{batch_no}-{event['id']}"
    assert (event["specversion"], event["type"]) == ("1.0", "choujian.credit.result")
    # The first that is known of a batch is that it was ordered, of which this profile says nothing.
    assert event["sequence"] == "2"
    said = event["data"]
    assert said["批次编号"] == batch_no
    assert said["结论"] == "nonconforming"
    assert said["不合格项目"] == [{"项目": "耐热冲击", "标准": "GB/T 1", "要求": "无裂纹", "实测": "有裂纹"}]
    assert said["当事人"] == [{"身份": "seller", "名称": "示例旗舰店", "识别": "91330106MA2AAAAA0X"}]
    assert said["复检"] == {"复检机构": None, "报告编号": None, "结论": None}
    assert (await told.standing()).waiting == 0


async def test_a_result_put_right_is_told_again_and_the_same_is_not(told: Told) -> None:
    """Each under the next number of its batch."""
    await results(told.engine, Verdict.NONCONFORMING, Verdict.NONCONFORMING, Verdict.CONFORMING)
    await told.round()
    await told.round()
    assert [event["sequence"] for _, event in told.system.received] == ["2", "3"]
    assert [event["data"]["结论"] for _, event in told.system.received] == ["nonconforming", "conforming"]


async def test_nothing_is_told_of_what_did_not_go_on_record(told: Told) -> None:
    """The event is of the record's own transaction."""
    opening = await open_one(told.engine)
    await say(told.engine, opening, 1, entry())
    with pytest.raises(record.Behind):
        await say(told.engine, opening, 1, entry(verdict=Verdict.CONFORMING))
    await told.round()
    assert len(told.system.received) == 1


async def test_a_task_is_told_from_its_order_on_and_whenever_it_has_come_further(told: Told) -> None:
    """That is what 阳光检测 wants; how punctual a duty was is the bureau's own matter."""
    opening = await open_one(told.engine)
    await say(told.engine, opening, 1, None, bought=True)
    await say(told.engine, opening, 2, None, bought=True, sealed=True)
    await told.round(profile="tasks")
    assert [event["data"]["进度"]["封样"] for _, event in told.system.received] == [False, False, True]
    assert {event["type"] for _, event in told.system.received} == {"choujian.task.batch"}


async def test_a_platform_that_is_away_gets_everything_when_it_is_back(told: Told) -> None:
    """However long: nothing is given up, nothing overtakes, and people see that it is away."""
    await results(told.engine, Verdict.NONCONFORMING)
    await results(told.engine, Verdict.CONFORMING)
    pause = await told.round(port=1)
    assert pause >= 30, "it is not asked again at once"
    standing = await told.standing()
    assert (standing.waiting, standing.dead) == (2, 0)
    assert standing.answer is not None
    assert "连接不通" in standing.answer
    await told.now(next_at="now()", since="now() - interval '30 days'")
    await told.round(port=1)
    assert (await told.standing()).dead == 0
    await told.now(next_at="now()")
    await told.round()
    assert [event["data"]["结论"] for _, event in told.system.received] == ["nonconforming", "conforming"]


async def test_an_event_that_trips_the_platform_holds_up_no_other(told: Told) -> None:
    """It is tried again for a week and then seen as refused; put back, it comes under the same id."""
    await results(told.engine, Verdict.NONCONFORMING)
    await results(told.engine, Verdict.CONFORMING)
    told.system.answers = [says(500), says(200)]
    await told.round()
    assert len(told.system.received) == 2
    told.system.answers = [says(500)]
    await told.now(next_at="now()", first_tried_at="now() - interval '8 days'")
    await told.round()
    standing = await told.standing()
    assert (standing.waiting, standing.dead) == (0, 1)
    (dead,) = await handing.dead_letters(told.engine, 10)
    assert (dead.receiver, dead.kind, dead.answer, dead.attempts) == (NAME, ToldKind.RESULT, "HTTP 500", 2)
    told.system.answers = [says(200)]
    assert await handing.again(told.engine, NAME) == 1
    await told.round()
    ids = [message_id for message_id, _ in told.system.received]
    assert ids[0] == ids[2] == ids[3] != ids[1]
    assert (await told.standing()).dead == 0


async def test_an_event_that_is_refused_is_not_sent_for_ever(told: Told) -> None:
    """By an answer that says so, it is dead at once, and the next one is told."""
    await results(told.engine, Verdict.NONCONFORMING)
    await results(told.engine, Verdict.CONFORMING)
    told.system.answers = [says(422), says(204)]
    await told.round()
    standing = await told.standing()
    assert (standing.waiting, standing.dead) == (0, 1)


async def test_the_platform_says_when_to_come_again(told: Told) -> None:
    await results(told.engine, Verdict.NONCONFORMING)
    told.system.answers = [says(429, retry_after="600")]
    await told.round()
    async with told.engine.connect() as connection:
        left = (await connection.execute(text("select next_at - now() from told_to"))).scalar_one()
    assert timedelta(seconds=580) < left <= timedelta(seconds=600)


async def test_a_platform_that_comes_later_is_told_from_the_beginning(told: Told) -> None:
    """And of a kind that its profile says only later."""
    batch_no = await results(told.engine, Verdict.NONCONFORMING)
    await told.round()
    assert len(told.system.received) == 1
    await told.round(profile="tasks")
    assert [event["type"] for _, event in told.system.received[1:]] == ["choujian.task.batch"]
    assert told.system.received[1][1]["data"]["批次编号"] == batch_no


async def test_a_platform_that_is_slow_holds_up_no_other(told: Told) -> None:
    """Each is told beside the other."""
    await results(told.engine, Verdict.NONCONFORMING)
    first = asyncio.Event()

    async def never(_request: Request) -> Response:
        first.set()
        await asyncio.sleep(60)
        return PlainTextResponse("")

    async def another_has_it() -> bool:
        return any(one.last_taken_at for one in await handing.standings(told.engine))

    told.system.answers = [never, says(200)]
    settings = told.settings(NAME, "另一平台")
    telling = Telling(told.engine, settings, Webhooks(patience_seconds=60))
    await telling.spread()
    keeping = asyncio.create_task(telling.keep_telling())
    try:
        async with asyncio.timeout(20):
            await first.wait()
            await until(another_has_it)
    finally:
        keeping.cancel()
        with suppress(asyncio.CancelledError):
            await keeping
    assert len(told.system.received) == 2


@pytest.mark.parametrize(
    ("profile", "why"),
    [
        ("nobody", "自带的有：credit、tasks"),
        ("title: [", "不是 YAML"),
        ("title: x\nevents: {}", "events"),
        ("title: x\nevents: {order: {type: t, data: {a: b}}}", "order"),
        ("title: x\nevents: {task: {type: t, data: {编号: batch_number}}}", "task 中没有 batch_number"),
        ("title: x\nevents: {result: {type: t, data: {a: {each: goods, tells: name}}}}", "没有 goods"),
        ("title: x\nevents: {result: {type: t, data: {a: {each: failed, tells: nam}}}}", "没有 nam"),
        ("title: x\nevents: {task: {type: t, data: {a: [batch_no]}}}", "没有"),
    ],
)
def test_a_faulty_profile_is_refused_when_the_worker_starts(tmp_path: Path, profile: str, why: str) -> None:
    """In one sentence, which names what is wrong and no secret."""
    file = tmp_path / "profile.yaml"
    file.write_text(profile, "utf-8")
    named = str(file) if " " in profile else profile
    listed = [{"name": NAME, "url": "https://p.example", "secret": SECRET, "profile": named}]
    (tmp_path / "events.yaml").write_text(yaml.safe_dump(listed), "utf-8")
    with pytest.raises(SettingFaulty, match=why) as refused:
        receivers_of(Settings(events=tmp_path / "events.yaml"))
    assert str(refused.value).startswith("CHOUJIAN_EVENTS：")
    assert SECRET not in str(refused.value)


@pytest.mark.parametrize("named", given())
def test_no_profile_of_the_product_tells_who_bought(named: str) -> None:
    """The buyer and his account are covert (§4): the platform that sells learns of neither."""
    told_as: Any = read_profile(named).model_dump_json()
    assert "buyer" not in told_as
    assert "username" not in told_as


async def test_a_platform_that_is_taken_out_of_the_file_owes_nothing(told: Told) -> None:
    """Nor does anybody wait for it; when it comes back it gets what it missed, and nothing twice."""
    await results(told.engine, Verdict.NONCONFORMING)
    await told.round()
    await results(told.engine, Verdict.CONFORMING)
    settings = told.settings(NAME)
    await Telling(told.engine, settings, Webhooks()).spread()
    assert (await told.standing()).waiting == 1
    other = told.settings("另一平台")
    await Telling(told.engine, other, Webhooks()).spread()
    assert [one.receiver for one in await handing.standings(told.engine)] == ["另一平台"]
    await Telling(told.engine, Settings(), Webhooks()).spread()
    assert await handing.standings(told.engine) == []
    await told.round()
    assert [event["data"]["结论"] for _, event in told.system.received] == ["nonconforming", "conforming"]


async def test_an_event_that_breaks_the_connection_off_holds_up_no_other(told: Told) -> None:
    """Once another was answered it is known that the platform is there; after a week it is refused."""
    await results(told.engine, Verdict.NONCONFORMING)
    await results(told.engine, Verdict.CONFORMING)
    for _ in range(4):
        told.system.answers = [breaks_off, breaks_off]
        assert await told.round() >= 30, "for all it knows the platform is away"
        await told.now(next_at="now()")
    assert len(told.system.received) == 4
    told.system.answers = [breaks_off, says(204)]
    await told.round()
    assert (await told.standing()).waiting == 1
    await results(told.engine, Verdict.CONFORMING)
    told.system.answers = [breaks_off, says(204)]
    await told.now(next_at="now()", first_tried_at="now() - interval '8 days'")
    await told.round()
    standing = await told.standing()
    assert (standing.waiting, standing.dead) == (0, 1)
