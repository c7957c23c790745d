"""The commands about quality records and figures, as typer has them."""

import typer

from local.commands import finding

records_app = typer.Typer(
    help="质量档案（经营者、生产者、商品、平台）和统计数字：随批次的记录写入，必要时重建。",
    no_args_is_help=True,
)


@records_app.command("rebuild")
def records_rebuild() -> None:
    """按各批次所存的案卷逐一核对档案和统计数字，不一致的改正；原来的说法保留，另加一条。"""
    from local.commands import rebuilding
    from local.settle import run

    settings = finding.of_stack()
    typer.echo(run(lambda: rebuilding.rebuild_records(settings)))
