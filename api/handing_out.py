"""Answers that are files to take along, under the name that a browser gives them."""

import asyncio
from collections.abc import Sequence
from urllib.parse import quote

from fastapi import Response
from fastapi.responses import StreamingResponse

from api.web.problems import Problem
from api.web.receiving import CSV, XLSX
from lists.writing import csv_lines, to_xlsx
from store.reads import exports


def attachment(name: str) -> dict[str, str]:
    """The head of a file that is kept under this name."""
    return {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name)}"}


def require_few(rows: int) -> None:
    """Raises :class:`Problem` 422 for more rows than a sheet takes along."""
    if rows > exports.MOST_ROWS:
        raise Problem(422, "too_many_rows", f"超过{exports.MOST_ROWS}行，请缩小范围后再导出。")


def csv_file(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> StreamingResponse:
    return StreamingResponse(csv_lines(header, rows), media_type=CSV, headers=attachment(f"{title}.csv"))


async def xlsx_file(title: str, header: Sequence[str], rows: Sequence[Sequence[str]]) -> Response:
    # Seconds for thousands of rows: not on the loop that answers everybody else.
    content = await asyncio.to_thread(to_xlsx, title, header, rows, ())
    return Response(content, media_type=XLSX, headers=attachment(f"{title}.xlsx"))
