"""The sheet of a draw's candidates: each row one of them, or who is excluded and why."""

from typing import Any

from lists.columns import Column, Columns
from lists.rows import Row

CANDIDATE_COLUMNS = Columns(
    {
        Column.CODE: ("编号", "代码", "经营者代码", "商品链接", "商品编号", "id"),
        Column.NAME: ("名称", "商品名称", "name"),
        Column.WEIGHT: ("权重", "weight"),
        Column.REASON: ("权重的理由", "权重理由", "weight_reason"),
        Column.EXCLUDED: ("排除的理由", "排除理由", "excluded"),
    },
    ((Column.CODE,),),
)
_FIELDS = {
    "id": Column.CODE,
    "name": Column.NAME,
    "weight": Column.WEIGHT,
    "weight_reason": Column.REASON,
    "excluded": Column.EXCLUDED,
}


def candidate_of(row: Row) -> dict[str, Any]:
    """What a row says, to be validated as a candidate. Raises ``CellFault``."""
    said = {name: row.text(column) for name, column in _FIELDS.items()}
    return {name: value for name, value in said.items() if value is not None}
