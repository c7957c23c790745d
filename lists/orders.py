"""The sheet of orders under one scheme: each row one batch, what stands in registers only named."""

from collections.abc import Mapping
from typing import Any

from lists.columns import Column, Columns
from lists.registers.parts import chosen
from lists.rows import Row

TITLE = "批量下达"
KINDS = {"routine": "常规抽检", "emergency": "应急抽检"}
ORDER_COLUMNS = Columns(
    {
        Column.OWN_NO: ("自编号", "own_no"),
        Column.PRODUCT_KIND: ("商品品种", "product_kind"),
        Column.LABORATORY: ("承检机构", "承检机构代码", "laboratory"),
        Column.PLATFORM: ("平台", "平台代码", "第三方交易平台", "platform"),
        Column.SELLER_CODE: ("经营者", "经营者代码", "seller_code"),
        Column.SHOP_URL: ("店铺网址", "shop"),
        Column.PRODUCER_CODE: ("标称生产者代码", "producer_code"),
        Column.PRODUCER_NAME: ("标称生产者名称", "标称生产者", "producer"),
        Column.PRODUCER_ADDRESS: ("标称生产者地址", "producer_address"),
        Column.NAME: ("商品名称", "name"),
        Column.TRADEMARK: ("商标", "trademark"),
        Column.SPEC_MODEL: ("规格型号", "spec_model"),
        Column.LINK: ("商品链接", "link"),
        Column.DRAW_ID: ("随机抽查编号", "draw_id"),
        Column.CANDIDATE: ("抽中的编号", "candidate"),
        Column.ORDER_KIND: ("抽检方式", "kind"),
        Column.EMERGENCY_GROUND: ("应急抽检情形", "emergency_ground"),
        Column.OTHER_GROUND: ("其他应急情形的说明", "other_ground"),
        Column.AUTHORIZATION: ("其他授权或委托文号", "authorization"),
        Column.COMMISSION_ID: ("委托编号", "commission_id"),
        Column.COMMISSION_BUREAU: ("受委托的下级局", "commission_bureau"),
        Column.COMMISSION_NO: ("委托书编号", "commission_no"),
        Column.COMMISSION_MATTER: ("委托事项", "commission_matter"),
        Column.FOLLOWS_UP: ("跟踪的前一批次编号", "follows_up"),
        Column.SUPERVISOR_REASON: ("处室负责人同意重复抽检的理由", "supervisor_reason"),
    },
    ((Column.LABORATORY,), (Column.SELLER_CODE,), (Column.NAME,), (Column.LINK,), (Column.ORDER_KIND,)),
)
# Without these no row is an order; a template marks them.
FILLED_IN = ORDER_COLUMNS.ours(
    *(Column.LABORATORY, Column.SELLER_CODE, Column.NAME, Column.TRADEMARK, Column.SPEC_MODEL),
    *(Column.LINK, Column.ORDER_KIND),
)
_CODES = {
    "laboratory": Column.LABORATORY,
    "platform": Column.PLATFORM,
    "seller_code": Column.SELLER_CODE,
    "producer_code": Column.PRODUCER_CODE,
    "commission_id": Column.COMMISSION_ID,
}
_TEXTS = {
    "product_kind": Column.PRODUCT_KIND,
    "shop": Column.SHOP_URL,
    "other_ground": Column.OTHER_GROUND,
    "authorization": Column.AUTHORIZATION,
    "follows_up": Column.FOLLOWS_UP,
    "supervisor_reason": Column.SUPERVISOR_REASON,
}
_PARTS = {
    "goods": {
        "name": Column.NAME,
        "trademark": Column.TRADEMARK,
        "spec_model": Column.SPEC_MODEL,
        "link": Column.LINK,
    },
    "producer": {"name": Column.PRODUCER_NAME, "address": Column.PRODUCER_ADDRESS},
    "drawn_from": {"draw_id": Column.DRAW_ID, "candidate": Column.CANDIDATE},
    "commission": {
        "bureau": Column.COMMISSION_BUREAU,
        "commission_no": Column.COMMISSION_NO,
        "matter": Column.COMMISSION_MATTER,
    },
}
_ALWAYS = (Column.LABORATORY, Column.SELLER_CODE, Column.NAME, Column.LINK)


def offered(code: str, name: str) -> str:
    """A register's entry as a template offers it."""
    return f"{code} {name}"


def order_of(row: Row, grounds: Mapping[str, str]) -> dict[str, Any]:
    """What a row says, to be validated as an order by names; ``grounds``: of an emergency, by their codes.

    Raises ``CellFault``.
    """
    for column in _ALWAYS:
        row.needed(column, row.text(column))
    said: dict[str, Any] = {name: _code(row.text(column)) for name, column in _CODES.items()}
    said |= {name: row.text(column) for name, column in _TEXTS.items()}
    for name, part in _PARTS.items():
        inner = {inside: row.text(column) for inside, column in part.items()}
        said[name] = inner if any(inner.values()) else None
    kind = row.needed(Column.ORDER_KIND, row.text(Column.ORDER_KIND))
    said["kind"] = chosen(kind, KINDS, Column.ORDER_KIND, row)
    if (ground := row.text(Column.EMERGENCY_GROUND)) is not None:
        said["emergency_ground"] = chosen(ground, grounds, Column.EMERGENCY_GROUND, row)
    return {name: value for name, value in said.items() if value is not None}


def _code(cell: str | None) -> str | None:
    """A code has no blank: what follows one is the name, for people."""
    return cell.split(maxsplit=1)[0] if cell else None
