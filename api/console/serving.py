"""What the API makes whole, a letter or a certificate, is served as it is."""

import httpx
from fastapi.responses import Response

from api.console.door import problem_of

_KEPT = ("content-type", "content-disposition", "content-security-policy", "etag")


def served(answer: httpx.Response) -> Response:
    """Raises :class:`Problem` as the API refuses."""
    if answer.is_error:
        raise problem_of(answer)
    headers = {name: answer.headers[name] for name in _KEPT if name in answer.headers}
    return Response(answer.content, headers=headers)
