"""What the paper of a scheme or commission takes of the registers, as they stand on the day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from api.planning.judging import FromRegisters, Incomplete, regulation_today
from api.web.days import today
from api.web.runtime import Runtime
from law import scheme_orders
from law.ordering import OrderRefused, check_form
from law.scheme_orders import Contracted, ItemByStandard, Qualified
from messages.approvals import Matter
from messages.planning import CommissionContent, CommissionedTo, PlannedContent, SchemeContent
from messages.registers import LaboratoryEntry, Register
from store.plans import reading
from store.plans.standing import PlannedStanding
from store.registers import entries

_TITLES = {
    Register.LABORATORIES: "承检机构",
    Register.PLATFORMS: "第三方交易平台",
    Register.BUREAUS: "下级局",
}


async def from_registers(deps: Runtime, standing: PlannedStanding) -> FromRegisters:
    """Raises ``Incomplete`` for a code that is not held today, or what cannot be commissioned."""
    content = standing.content
    names: dict[str, str] = {}
    contract = None
    async with deps.engine.connect() as connection:
        for register, codes in _named(content):
            held = await entries.holding(connection, register, codes, today())
            names |= {code: version.entry.name for code, version in held.items()}
            if missing := [code for code in codes if code not in held]:
                what = f"{_TITLES[register]}{'、'.join(missing)}的登记（没有登记或者已停用）"
                raise Incomplete((what,))
            if register is Register.BUREAUS:
                _require_subordinate(names, standing)
            if isinstance(content, CommissionContent) and register is Register.LABORATORIES:
                entry = held[content.code].entry
                assert isinstance(entry, LaboratoryEntry)
                contract = await _contract(deps, standing, entry, content.code)
    return FromRegisters(names, contract)


async def commissioned_names(deps: Runtime, contents: Sequence[PlannedContent]) -> list[str | None]:
    """Whom each is given to, as the registers have it today; None where that is nobody they know."""
    given = [one for one in contents if isinstance(one, CommissionContent)]
    names: dict[Register, dict[str, str]] = {}
    for register in (Register.BUREAUS, Register.LABORATORIES):
        codes = [one.code for one in given if _register(one) is register]
        names[register] = await entries.names(deps.engine, register, codes, today())
    return [
        names[_register(one)].get(one.code) if isinstance(one, CommissionContent) else None
        for one in contents
    ]


def _register(content: CommissionContent) -> Register:
    return Register.BUREAUS if content.to is CommissionedTo.BUREAU else Register.LABORATORIES


def _named(content: PlannedContent) -> Iterable[tuple[Register, tuple[str, ...]]]:
    if isinstance(content, SchemeContent):
        yield Register.LABORATORIES, content.laboratories
        yield Register.PLATFORMS, content.platforms
    if isinstance(content, CommissionContent):
        yield _register(content), (content.code,)


def _require_subordinate(names: Mapping[str, str], standing: PlannedStanding) -> None:
    for name in names.values():
        try:
            check_form(regulation_today(), subordinate_bureau=name, commission=standing.id)
        except OrderRefused as refusal:
            raise Incomplete((f"可以委托的下级局（{refusal.detail}）",)) from None


def tested_by(scheme: SchemeContent) -> list[ItemByStandard]:
    return [ItemByStandard(item=one.name, standard=one.standard or "") for one in scheme.items]


def contract_to_test(laboratory: LaboratoryEntry, tested: Sequence[ItemByStandard], day: date) -> Contracted:
    """Under which a laboratory that is qualified for it tests this (§3). Raises ``OrderRefused``."""
    qualified = [Qualified.model_validate(one.model_dump()) for one in laboratory.qualifications]
    scheme_orders.check_qualified(tested, qualified, day)
    contracts = [Contracted.model_validate(one.model_dump()) for one in laboratory.contracts]
    return scheme_orders.contract_on(contracts, day)


async def _contract(deps: Runtime, standing: PlannedStanding, entry: LaboratoryEntry, code: str) -> str:
    """A laboratory is commissioned with what its scheme tests, under contract; its contract's number."""
    assert standing.scheme_id is not None, "a commission stands under a scheme"
    scheme = (await reading.one(deps.engine, Matter.SCHEME, standing.scheme_id)).content_in_force
    tested: list[ItemByStandard] = []
    try:
        if isinstance(scheme, SchemeContent):
            scheme_orders.check_among_laboratories(code, scheme.laboratories)
            tested = tested_by(scheme)
        return contract_to_test(entry, tested, today()).contract_no
    except OrderRefused as refusal:
        raise Incomplete((f"可以承检的机构（{refusal.detail}）",)) from None
