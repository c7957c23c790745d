"""The list in a request: how much of it is read, and what is said of JSON that is none."""

from typing import Any

import pytest
from starlette.requests import Request

from api.web.problems import Problem
from api.web.receiving import CSV, received
from lists.carriers import read_carriers
from lists.reading import MAX_BYTES


async def problem(content: bytes, kind: str) -> Problem:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": content}

    headers = [(b"content-type", kind.encode())]
    request = Request({"type": "http", "headers": headers, "method": "POST"}, receive)
    with pytest.raises(Problem) as raised:
        await received(request, read_carriers(None).posting_columns)
    return raised.value


async def test_a_body_is_bounded_and_of_a_known_kind() -> None:
    """No more of it is read than a list may have bytes, and nothing of what is no list."""
    too_large = await problem(b"x" * (MAX_BYTES + 1), CSV)
    assert (too_large.status, too_large.code) == (413, "body_too_large")
    unknown = await problem(b"{}", "text/plain")
    assert (unknown.status, unknown.code) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    ("content", "pointer", "said"),
    [
        (b"[]", "", "各行：应为对象"),
        (
            b'{"rows": [{"a": 1}, {"a/b": {}}]}',
            "/rows/1/a~1b",
            "各行（/rows/1/a~1b）：应为不超过2000字的文字、不超过18位的整数，或者空",
        ),
        (b'{"rows": []}', "/rows", "各行（/rows）：至少应有1项"),
    ],
)
async def test_a_fault_in_json_is_pointed_to(content: bytes, pointer: str, said: str) -> None:
    """By the pointer to it in what was sent, and in words."""
    fault = await problem(content, "application/json")
    assert fault.detail == said
    assert fault.extra["errors"][0]["pointer"] == pointer
