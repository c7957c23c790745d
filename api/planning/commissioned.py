"""The commission that an order by names says a subordinate bureau carries it out under (§3 一事一委托)."""

from dataclasses import dataclass
from datetime import date

from api.web.runtime import Runtime
from law import commissions
from law.calendar import chinese_day
from law.commissions import Commissioned
from law.ordering import OrderRefused
from messages.approvals import Matter
from messages.order import SubordinateCommission
from messages.planning import CommissionContent, CommissionedTo
from messages.registers import Register
from store.plans import reading
from store.plans.uses import Taken
from store.registers import entries


@dataclass(frozen=True)
class CommissionNamed:
    """As the batch carries it, and what is judged of it under the lock; ``bureau``: the code."""

    said: SubordinateCommission
    bureau: str
    commissioned: Commissioned
    kind: str

    def judge(self, left: Taken) -> None:
        """What is left of it at the moment of ordering. Raises ``OrderRefused``."""
        commissions.check_commission_stands(self.commissioned.id, left.commission_ended_on)
        commissions.check_commission_left(self.commissioned, self.kind, left.commission_used)


async def commission_of(deps: Runtime, id_: str, scheme_id: str, kind: str, day: date) -> CommissionNamed:
    """Raises ``OrderRefused`` where it does not bear the order, and ``PlannedUnknown``."""
    standing = await reading.one(deps.engine, Matter.COMMISSION, id_)
    content = standing.content_in_force
    if not isinstance(content, CommissionContent) or content.until is None or standing.number is None:
        raise OrderRefused("commission_not_approved", f"委托 {id_} 尚未批准")
    commissions.check_commission_stands(id_, standing.ended_on)
    commissioned = Commissioned(
        id=id_,
        scheme_id=standing.scheme_id or "",
        to_bureau=content.to is CommissionedTo.BUREAU,
        until=content.until,
        kinds={one.kind: one.batches for one in content.product_kinds},
    )
    commissions.check_commissioned(commissioned, scheme_id, day)
    commissions.kind_commissioned(commissioned, kind)
    names = await entries.names(deps.engine, Register.BUREAUS, [content.code], day)
    if content.code not in names:
        raise OrderRefused(
            "entry_not_held", f"下级局 {content.code} 没有登记，或者{chinese_day(day)}不再有效"
        )
    said = SubordinateCommission(
        bureau=names[content.code], commission_no=standing.number, matter=content.title
    )
    return CommissionNamed(said, content.code, commissioned, kind)
