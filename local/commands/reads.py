"""What the auditor sees of who has read what."""

from datetime import datetime
from urllib.parse import unquote, urlencode

from rich import box
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from law.calendar import SHANGHAI
from law.vocabulary import Role
from local.commands.calling import Caller
from messages.words import ROLES


def show(caller: Caller, *, batch_no: str | None, sub: str | None, day: str | None, limit: int) -> None:
    """The newest reads first. Raises ``CommandError`` in the API's own words."""
    wanted = {"batch_no": batch_no, "sub": sub, "day": day, "limit": limit}
    query = urlencode({name: value for name, value in wanted.items() if value is not None})
    answer = caller.ask(Role.AUDITOR, "GET", f"/access-log?{query}")
    table = Table(box=box.SIMPLE)
    for title in ("时间", "人员", "角色", "查阅", "来源"):
        table.add_column(title, overflow="fold")
    for one in answer["items"]:
        at = datetime.fromisoformat(one["at"]).astimezone(SHANGHAI)
        asked = f"?{unquote(one['query'])}" if one["query"] else ""
        who = f"{one['name']}（{one['sub']}）"
        told = (f"{at:%Y-%m-%d %H:%M:%S}", who, ROLES[Role(one["role"])], one["path"] + asked, one["client"])
        table.add_row(*map(escape, told))
    Console(highlight=False).print(table)
