"""The commands about the record of what was done, as typer has them."""

from typing import Annotated

import typer

from local.commands import finding
from local.errors import CommandError
from local.settle import run

timeline_app = typer.Typer(help="批次的办理记录。", no_args_is_help=True)


@timeline_app.command()
def verify(
    batch_no: Annotated[
        str | None, typer.Argument(metavar="[BATCH_NO]", help="批次编号；不写则核对全部")
    ] = None,
) -> None:
    """核对办理记录是否被改动过。"""
    from local.commands import checking

    settings = finding.of_stack()
    problems = run(lambda: checking.verify_timeline(settings, batch_no))
    lost = run(lambda: checking.lost_and_put_back(settings, batch_no))
    for line in lost:
        typer.echo(line)
    for problem in problems:
        typer.echo(problem)
    if problems:
        raise CommandError(f"办理记录有 {len(problems)} 处问题。")
    typer.echo(f"{'除上述丢失的以外，' if lost else ''}办理记录完整，没有被改动。")
