"""A random draw on the site that the browser sees: frozen, drawn, one skipped, its seed corrected."""

from datetime import UTC, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine

from law.draw import drawn, ranked
from messages.approvals import Matter
from messages.base import Message
from messages.draws import (
    CandidatePassed,
    DrawCandidate,
    DrawContent,
    DrawEventKind,
    DrawnFromSeed,
    DrawSubject,
    ExcludedCandidate,
    SeedSource,
)
from messages.planning import PlanContent, SchemeContent
from proof.draws import as_frozen, sealed_with
from signing.keys import Keyring
from store.draws import drafting, recording
from store.draws.standing import candidates_of
from store.plans import drafting as plans
from tests.store.builders import OFFICER

_SEED = "03-08-17-21-26-30-11"
_READ = "中国福利彩票网第2027001期中国福利彩票双色球开奖公告"


async def draw(engine: AsyncEngine, keyring: Keyring, seller: str, person: str) -> str:
    """The address of its page."""
    content = await _content(engine, seller, person)
    draw_id = await drafting.create(engine, content, OFFICER, asked_sha256="", key=None)
    candidates = candidates_of(content)
    order = ranked(candidates, _SEED)
    made = DrawnFromSeed(seed=_SEED, read_from=_READ, drawn=drawn(candidates, _SEED, content.number))
    passed = CandidatePassed(
        id=order[0], next=order[content.number], reason="店铺已经关闭，商品全部下架，无法购样"
    )
    lines: tuple[tuple[DrawEventKind, Message], ...] = (
        (DrawEventKind.FROZEN, as_frozen(content)),
        (DrawEventKind.DRAWN, made),
        (DrawEventKind.CORRECTED, made.model_copy(update={"reason": "蓝球号码误录"})),
        (DrawEventKind.SKIPPED, passed),
    )
    for kind, said in lines:
        async with recording.turn(engine, draw_id, sealed_with(keyring.signer())) as turn:
            await turn.record(kind, said, OFFICER)
    return f"/chouqu/{draw_id}"


async def _content(engine: AsyncEngine, seller: str, person: str) -> DrawContent:
    plan_id = await plans.create(engine, Matter.PLAN, PlanContent(title="计划", year=2026), OFFICER)
    scheme = SchemeContent(title="方案")
    scheme_id = await plans.create(engine, Matter.SCHEME, scheme, OFFICER, under=plans.Under(plan_id=plan_id))
    listed = tuple(
        DrawCandidate(
            id=f"91330106MA2{no:07d}",
            name=person if no == 1 else f"{seller}{no}",
            natural_person=no == 1,
            weight=no % 3 + 1,
            weight_reason="上一年度抽检不合格，消费者投诉举报集中" if no % 3 else None,
        )
        for no in range(12)
    )
    return DrawContent(
        title="儿童用品网络交易商品质量抽检经营者随机抽查（2027年第一季度）",
        subject=DrawSubject.BUSINESSES,
        number=5,
        seed_source=SeedSource(
            what="双色球第2027001期中奖号码，红球从小到大，蓝球在后，以连字符相接",
            where="中国福利彩票网 https://www.cwl.gov.cn/ygkj/wqkjgg/ssq/",
            announced_at=datetime.now(UTC) + timedelta(days=1),
        ),
        scheme_id=scheme_id,
        candidates=listed,
        excluded=(
            ExcludedCandidate(
                id="91330106MA2999999X", name=seller, natural_person=False, reason=f"与{person}同一地址"
            ),
        ),
    )
