"""To whom a final nonconforming result is handed over for action (§7, procedure section 8)."""

from typing import Literal

from law.places import Located, district_bureau, in_city
from law.regulation import Regulation
from law.rules import LawValue
from law.vocabulary import Category


class ReferralTarget(LawValue):
    """The authority that must act. ``needs_instruction``: a person must first record who it is."""

    authority: str
    copies: tuple[str, ...] = ()
    rests_on: str
    note: str
    needs_instruction: bool = False


def refer_to(
    reg: Regulation,
    category: Category,
    seller: Located,
    platform: Located | None,
    urgent_to: Literal["enforcement", "online_office"] | None,
) -> ReferralTarget:
    """The authority a batch is referred to (§7).

    ``urgent_to`` is the approver's choice in a grave and urgent matter, or one assigned by a leader; its
    reason is recorded by the caller. A district that the city does not have leads to a person, not an error.
    """
    rests_on = reg.bureaus.rests_on
    if urgent_to is not None:
        authority = (
            reg.bureaus.enforcement_detachment
            if urgent_to == "enforcement"
            else reg.bureaus.online_supervision_office
        )
        note = "重大紧急情况或领导交办，须附分管负责人的理由"
        return ReferralTarget(authority=authority, rests_on=rests_on, note=note)
    if platform is not None and in_city(reg.bureaus, platform):
        copies = (reg.bureaus.online_supervision_office,)
        return _to_district(reg, platform, "第三方交易平台经营者住所所在地", copies)
    if in_city(reg.bureaus, seller):
        return _to_district(reg, seller, "网络商品经营者住所所在地", ())
    if category is Category.AUTHORIZED:
        return ReferralTarget(
            authority="授权或委托机关指定的机关",
            rests_on="§2",
            note="按授权或委托机关的要求交办，须由工作人员登记其要求",
            needs_instruction=True,
        )
    return ReferralTarget(
        authority=f"{reg.bureaus.provincial_bureau}指定的机关",
        rests_on=rests_on,
        note=f"依照{reg.bureaus.provincial_bureau}的要求交办，须由工作人员登记其要求",
        needs_instruction=True,
    )


def _to_district(reg: Regulation, place: Located, whose: str, copies: tuple[str, ...]) -> ReferralTarget:
    bureau = district_bureau(reg.bureaus, place)
    if bureau is None:
        return ReferralTarget(
            authority=f"{whose}的区、县（市）局",
            copies=copies,
            rests_on=reg.bureaus.rests_on,
            note=f"“{place.district}”不是{reg.bureaus.city}现有的区、县（市），须由工作人员确定",
            needs_instruction=True,
        )
    return ReferralTarget(
        authority=bureau, copies=copies, rests_on=reg.bureaus.rests_on, note=f"交{whose}的区、县（市）局"
    )
