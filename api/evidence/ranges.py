"""Which bytes of a file are asked for."""

import re

from api.web.problems import Problem

_ONE_RANGE = re.compile(r"bytes=(?P<first>[0-9]{0,15})-(?P<last>[0-9]{0,15})")


def asked_for(header: str | None, size: int) -> tuple[int, int] | None:
    """From which byte until before which; None where the whole is to be sent.

    Several ranges at once, and what is not understood, are answered with the whole (RFC 9110). Raises
    :class:`Problem` 416 for a range that is not there.
    """
    found = _ONE_RANGE.fullmatch(header or "")
    if found is None or (not found["first"] and not found["last"]):
        return None
    if not found["first"]:
        begin, end = max(size - int(found["last"]), 0), size
    else:
        begin = int(found["first"])
        end = min(int(found["last"]) + 1, size) if found["last"] else size
        if found["last"] and int(found["last"]) < begin:
            return None
    if begin >= end:
        detail = f"文件只有{size}字节，没有所要的范围。"
        raise Problem(416, "range_missing", detail, headers={"Content-Range": f"bytes */{size}"})
    return begin, end
