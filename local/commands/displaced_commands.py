"""``choujian displaced``: batches whose number a restored database has given to another order."""

import json
from typing import Annotated

import typer

from local.commands import finding
from local.errors import CommandError
from local.settle import run

displaced_commands = typer.Typer()


@displaced_commands.command()
def displaced(
    batch: Annotated[
        str | None, typer.Argument(metavar="[BATCH]", help="批次编号：打印其全部案卷；不写则列出待处理的")
    ] = None,
    dealt_with: Annotated[
        str | None,
        typer.Option("--dealt-with", metavar="NOTE", help="登记如何处理、由谁处理；此后 doctor 不再提示"),
    ] = None,
) -> None:
    """恢复数据库之后编号另行使用、流程因此终止的批次。"""
    from local.commands import displacing

    settings = finding.of_stack()
    if batch is None:
        for line in run(lambda: displacing.waiting(settings)):
            typer.echo(line)
    elif dealt_with is None:
        typer.echo(json.dumps(run(lambda: displacing.whole(settings, batch)), ensure_ascii=False, indent=2))
    elif not run(lambda: displacing.deal_with(settings, batch, dealt_with)):
        raise CommandError(f"没有编号为 {batch} 的待处理批次。", exit_code=2)
