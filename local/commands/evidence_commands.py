"""The commands about evidence, as typer has them; what they do is in ``local.commands.evidence``."""

from pathlib import Path
from typing import Annotated

import typer

from local.commands import finding
from local.commands.batch_commands import Token

evidence_app = typer.Typer(help="证据：上传、查看、取出；重读、移存。", no_args_is_help=True)

_Batch = Annotated[str, typer.Option("--batch", metavar="BATCH", help="批次编号，例如 CJ2026-000001")]
_Role = Annotated[
    str, typer.Option("--as", metavar="ROLE", help="以什么角色（本机签发的令牌），例如 officer、lab")
]


@evidence_app.command()
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="要上传的文件")],
    batch: _Batch,
    keeper: Annotated[str | None, typer.Option("--keeper", help="保管人；不写则为上传人")] = None,
    role: _Role = "officer",
    token: Token = None,
) -> None:
    """上传一个文件作为证据，打印摘要；中断之后再次运行，从断处续传。"""
    from local.commands import evidence
    from local.commands.calling import Caller

    evidence.add(Caller(finding.of_api(token), token), role, batch, file, keeper=keeper)


@evidence_app.command("list")
def list_evidence(batch: _Batch, role: _Role = "officer", token: Token = None) -> None:
    """一个批次已经入库的证据，和本人尚未传完的文件。"""
    from local.commands import evidence
    from local.commands.calling import Caller

    evidence.show(Caller(finding.of_api(token), token), role, batch)


@evidence_app.command()
def get(
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="SHA-256 摘要，见 choujian evidence list")],
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="存为哪个文件")],
    reason: Annotated[str | None, typer.Option("--reason", help="查阅理由，录像、录音须写明")] = None,
    role: _Role = "officer",
    token: Token = None,
) -> None:
    """取出一件证据，核对摘要；查阅登记在查阅记录上。"""
    from local.commands import evidence
    from local.commands.calling import Caller

    evidence.get(Caller(finding.of_api(token), token), role, digest, out, reason=reason)


@evidence_app.command("sweep")
def sweep_evidence(
    everything: Annotated[bool, typer.Option("--all", help="全部重读，例如更换磁盘之后")] = False,
) -> None:
    """现在就重读到期的和受损的证据，有另一份完整副本的即行修复；仍有受损的，退出码为 1。"""
    from local.commands import keeping
    from local.settle import run

    settings = finding.of_stack()
    swept = run(lambda: keeping.sweep_now(settings, everything=everything))
    typer.echo(f"重读{swept.looked}件，写入副本{swept.mended}份，仍受损{swept.damaged}件。")
    if swept.damaged:
        raise typer.Exit(1)


@evidence_app.command("move")
def move_evidence(
    to: Annotated[
        str,
        typer.Option(
            "--to", metavar="PLACE", help="s3://BUCKET/PREFIX，或者一个文件夹（将来的 CHOUJIAN_EVIDENCE）"
        ),
    ],
) -> None:
    """把全部证据移到另一处，其间照常查阅；可以随时中断，再次运行即接着移存。"""
    from local.commands import keeping
    from local.settle import run

    settings = finding.of_stack()
    moved = run(lambda: keeping.move_all(settings, to))
    for line in keeping.told_of(moved, to):
        typer.echo(line)
    if moved.left:
        raise typer.Exit(1)
