"""``choujian account``: the first administrator, and one who cannot sign in any more."""

from typing import Annotated

import typer

from local.commands import finding

account_app = typer.Typer(
    help="工作台的账号：建立，重新邀请；其他的由系统管理员在工作台办理。", no_args_is_help=True
)
_Sub = Annotated[str, typer.Argument(metavar="SUB", help="账号：字母、数字和 . _ - @")]


@account_app.command()
def add(
    sub: _Sub,
    name: Annotated[str, typer.Option("--name", help="姓名")],
    role: Annotated[str, typer.Option("--role", help="officer、lab、approver、supervisor、admin、auditor")],
    laboratory: Annotated[str | None, typer.Option("--laboratory", help="检验机构代码，只用于 lab")] = None,
    unit: Annotated[str | None, typer.Option("--unit", help="科室")] = None,
) -> None:
    """建立一个账号，打印交给本人的邀请链接；只需要数据库在运行。"""
    from local.commands import accounts

    given = {"sub": sub, "name": name, "role": role, "laboratory": laboratory, "unit": unit}
    typer.echo(accounts.add(finding.of_stack(), given))


@account_app.command()
def invite(sub: _Sub) -> None:
    """打印一个新的邀请链接；原有的密码、动态口令和统一身份认证绑定随即作废。只需要数据库在运行。"""
    from local.commands import accounts

    typer.echo(accounts.invite(finding.of_stack(), sub))
