"""The list in a request: CSV, XLSX, or JSON whose rows name their columns."""

import asyncio
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

from fastapi import Request
from pydantic import Field, StringConstraints, TypeAdapter, ValidationError

from api.web.body import is_json, parsed, read
from api.web.problems import Problem
from api.web.wording import clipped, message
from lists import reading
from lists.columns import Columns
from messages.base import Message

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_MOST_JSON_BYTES = 1024 * 1024
# What browsers call either, by the programs that are installed.
_CALLED = (CSV, "application/csv", "application/vnd.ms-excel", "application/octet-stream")
_READERS = {XLSX: reading.from_xlsx} | dict.fromkeys(_CALLED, reading.from_file)
# Two large files take no more memory than one.
_ONE_AT_A_TIME = ThreadPoolExecutor(1, "list")


_MOST_DIGITS = 18
_ColumnTitle = Annotated[str, StringConstraints(max_length=100)]
_CellText = Annotated[str, StringConstraints(max_length=2000)]
_CellNumber = Annotated[int, Field(gt=-(10**_MOST_DIGITS), lt=10**_MOST_DIGITS)]
JsonRow = Annotated[dict[_ColumnTitle, _CellText | _CellNumber | None], Field(max_length=reading.MAX_COLUMNS)]
_CELL = f"应为不超过2000字的文字、不超过{_MOST_DIGITS}位的整数，或者空"


class JsonRows(Message):
    """Rows as JSON, each by its columns' names."""

    rows: tuple[JsonRow, ...] = Field(title="各行", min_length=1, max_length=reading.MAX_ROWS)


async def received(request: Request, columns: Columns) -> reading.Sheet:
    """The list in a request. Raises :class:`Problem` and ``ListFault`` where it cannot be read at all."""
    if is_json(request):
        return reading.from_records(_records(await read(request, _MOST_JSON_BYTES)), columns)
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if (reader := _READERS.get(kind)) is None:
        detail = f"请求正文应为 CSV（{CSV}）、XLSX（{XLSX}）或 JSON。"
        raise Problem(415, "unsupported_media_type", detail)
    raw = await read(request, reading.MAX_BYTES)
    return await asyncio.get_running_loop().run_in_executor(_ONE_AT_A_TIME, reader, raw, columns)


def _records(raw: bytes) -> Sequence[Mapping[str, str | int | None]]:
    try:
        return JsonRows.model_validate(parsed(raw) if raw else None).rows
    except ValidationError as error:
        raise _no_rows(error) from None


def _no_rows(error: ValidationError) -> Problem:
    """Names the first cell that is at fault, by the pointer to it in what was sent."""
    first = error.errors()[0]
    # What follows a cell's name is which type it was tried as.
    place = [clipped(str(part)) for part in first["loc"][:3]]
    said = _CELL if len(place) > 2 else message(first)
    where = "".join(f"/{part.replace('~', '~0').replace('/', '~1')}" for part in place)
    errors = [{"field": place[2] if len(place) == 3 else "各行", "pointer": where, "message": said}]
    return Problem(422, "invalid", f"各行{where and f'（{where}）'}：{said}", errors=errors)


def list_body(example: Mapping[str, Any]) -> dict[str, Any]:
    """The body of such a request in OpenAPI; ``example`` is a row by its columns' names."""
    csv = f"{','.join(example)}\n{','.join(map(str, example.values()))}\n"
    return {
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _ROWS, "example": {"rows": [example]}},
                CSV: {"schema": {"type": "string"}, "example": csv},
                XLSX: {"schema": {"type": "string", "format": "binary"}},
            },
        }
    }


_ROWS = {
    "title": "各行",
    "type": "object",
    "required": ["rows"],
    "additionalProperties": False,
    "properties": {
        "rows": {
            "title": "各行，以列名为键",
            "type": "array",
            "minItems": 1,
            "maxItems": reading.MAX_ROWS,
            "items": TypeAdapter(JsonRow).json_schema(),
        }
    },
}
