"""The commands about the sample bureau, as typer has them."""

import typer

from local.commands import finding

sample_app = typer.Typer(
    help="示例数据：检验机构、平台、经营者、计划和方案各备一份，供试用；都标明是示例。", no_args_is_help=True
)


@sample_app.command("load")
def sample_load(
    only_fresh: bool = typer.Option(False, "--fresh", help="只装入尚无任何登记、计划和批次的系统"),
) -> None:
    """装入示例数据；已经有的不重复装入。"""
    from local.commands import sampling
    from local.settle import run

    settings = finding.of_stack()
    typer.echo(run(lambda: sampling.load(settings, only_fresh=only_fresh)))


@sample_app.command("remove")
def sample_remove() -> None:
    """移除示例数据：自今日起全部停用，不再列出，也不能据以下单；已经下达的批次不受影响。"""
    from local.commands import sampling
    from local.settle import run

    settings = finding.of_stack()
    typer.echo(run(lambda: sampling.remove(settings)))
