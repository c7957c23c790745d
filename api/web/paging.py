"""Where the next page is, for answers whose body has no room to say it."""

from fastapi import Request


def next_link(request: Request, next_cursor: str | None) -> dict[str, str]:
    """The header of RFC 8288; none on the last page."""
    if next_cursor is None:
        return {}
    following = request.url.include_query_params(cursor=next_cursor)
    return {"Link": f'<{following.path}?{following.query}>; rel="next"'}
