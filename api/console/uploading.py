"""Uploading evidence without scripts: the form's file goes on into the sealing as it comes in."""

import base64
from collections.abc import Mapping

from fastapi import APIRouter
from fastapi.responses import Response
from starlette.requests import ClientDisconnect

from api.batches import BatchNo
from api.console.desk import FORM_TOKEN, Desk, Signed, batch_path, came_from_here, check_form_token, see_other
from api.console.evidence import shown
from api.console.incoming import IncomingFile
from api.console.route import ConsoleRoute
from api.web.problems import Problem

router = APIRouter(prefix="/console/batches/{batch_no}", include_in_schema=False, route_class=ConsoleRoute)

_TUS = {"Tus-Resumable": "1.0.0"}
_PART = {**_TUS, "Upload-Offset": "0", "Content-Type": "application/offset+octet-stream"}


@router.post("/evidence")
async def take(desk: Signed, batch_no: BatchNo) -> Response:
    came_from_here(desk.request)
    incoming = IncomingFile(desk.request)
    try:
        size = await incoming.begin()
        check_form_token(incoming.texts.get(FORM_TOKEN, ""), desk.token)
        await _take(desk, batch_no, incoming, size)
    except ClientDisconnect:
        raise Problem(408, "body_not_received", "文件没有收完，请检查网络后重新上传。") from None
    except Problem as problem:
        await incoming.pass_over()
        return await shown(desk, batch_no, problem, "upload")
    return see_other(batch_path(batch_no, "evidence"))


async def _take(desk: Desk, batch_no: str, incoming: IncomingFile, size: int) -> None:
    """Raises :class:`Problem` as the API refuses; what has come of a file that is refused is given up."""
    said = {
        "batch_no": batch_no,
        "filename": incoming.filename,
        "keeper": incoming.texts.get("keeper", "").strip(),
    }
    headers = {**_TUS, "Upload-Length": str(size), "Upload-Metadata": _encoded(said)}
    begun = await desk.door.done("POST", "/evidence/uploads", headers=headers)
    address = begun.headers["Location"]
    try:
        whole = await desk.door.done("PATCH", address, headers=_PART, content=incoming.content())
        if "Evidence-Digest" not in whole.headers:
            raise Problem(422, "file_not_whole", "文件没有传完，请重新上传。")
    except Problem:
        await desk.door.ask("DELETE", address, headers=_TUS)
        raise


def _encoded(said: Mapping[str, str]) -> str:
    return ",".join(
        f"{name} {base64.b64encode(text.encode()).decode()}" for name, text in said.items() if text
    )
