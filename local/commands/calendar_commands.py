"""The commands about announced years, as typer has them; what they do is in ``local.commands.calendars``."""

from pathlib import Path
from typing import Annotated

import typer

from local.commands import finding
from local.commands.batch_commands import Token

calendar_app = typer.Typer(help="年度放假安排：试算、提出、批准、查看。", no_args_is_help=True)

_File = Annotated[
    Path,
    typer.Argument(metavar="FILE", help="2027.json，或国务院通知的文字 2027.txt（见 docs/import-a-year.md）"),
]
_As = Annotated[str | None, typer.Option("--as", metavar="NAME", help="以谁的名义（只用于本机签发的令牌）")]


@calendar_app.command("what-if")
def calendar_what_if(file: _File, token: Token = None, name: _As = None) -> None:
    """试算：导入后哪些期限的最后一日变动。不作任何改变。"""
    from local.commands import calendars
    from local.commands.calling import Caller

    calendars.what_if(Caller(finding.of_api(token), token, name), file)


@calendar_app.command("import")
def calendar_import(file: _File, token: Token = None, name: _As = None) -> None:
    """提出导入一年的放假安排，等另一人批准。"""
    from local.commands import calendars
    from local.commands.calling import Caller

    calendars.propose(Caller(finding.of_api(token), token, name), file)


@calendar_app.command("approve")
def calendar_approve(
    no: Annotated[int, typer.Argument(metavar="NO", help="导入编号", min=1)],
    token: Token = None,
    name: _As = None,
) -> None:
    """批准导入：即时生效，未结的期限重新计算。提出人本人不能批准。"""
    from local.commands import calendars
    from local.commands.calling import Caller

    calendars.approve(Caller(finding.of_api(token), token, name), no)


@calendar_app.command("list")
def calendar_list(
    no: Annotated[int | None, typer.Argument(metavar="[NO]", help="导入编号；不写则列出全部", min=1)] = None,
    token: Token = None,
    name: _As = None,
) -> None:
    """各年份现行的安排和历次导入；写明编号则列出该次导入变动的期限。"""
    from local.commands import calendars
    from local.commands.calling import Caller

    caller = Caller(finding.of_api(token), token, name)
    if no is None:
        calendars.show_all(caller)
    else:
        calendars.show(caller, no)
