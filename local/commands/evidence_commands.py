"""The commands about evidence, as typer has them; what they do is in ``local.commands.evidence``."""

from pathlib import Path
from typing import Annotated

import typer

from local.commands import finding
from local.commands.batch_commands import Token

evidence_app = typer.Typer(help="证据：上传、查看、取出、暂缓、处置；重读、移存。", no_args_is_help=True)

_Batch = Annotated[str, typer.Option("--batch", metavar="BATCH", help="批次编号，例如 CJ2026-000001")]
_Role = Annotated[
    str, typer.Option("--as", metavar="ROLE", help="以什么角色（本机签发的令牌），例如 officer、lab")
]
_Reason = Annotated[str, typer.Option("--reason", help="理由，记入批次的全程记录")]


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
    """一个批次已经入库的证据、历次处置，和本人尚未传完的文件。"""
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


@evidence_app.command()
def hold(batch: _Batch, reason: _Reason, role: _Role = "officer", token: Token = None) -> None:
    """暂缓处置：诉讼、复议等需要时，一个批次的证据一律保留，直到解除。"""
    from local.commands import disposing
    from local.commands.calling import Caller

    disposing.hold(Caller(finding.of_api(token), token), role, batch, reason)


@evidence_app.command()
def release(batch: _Batch, reason: _Reason, role: _Role = "supervisor", token: Token = None) -> None:
    """解除暂缓处置；只有负责人可以解除。"""
    from local.commands import disposing
    from local.commands.calling import Caller

    disposing.release(Caller(finding.of_api(token), token), role, batch, reason)


@evidence_app.command()
def due(
    before: Annotated[
        str | None,
        typer.Option(
            "--before", metavar="DATE", help="连同此日之前届满的，例如 2028-12-31；不写则只列已届满的"
        ),
    ] = None,
    role: _Role = "officer",
    token: Token = None,
) -> None:
    """保存期已经届满或者将要届满的批次，最早届满的在前。"""
    from local.commands import disposing
    from local.commands.calling import Caller

    disposing.due(Caller(finding.of_api(token), token), role, before)


@evidence_app.command()
def propose(batch: _Batch, reason: _Reason, role: _Role = "officer", token: Token = None) -> None:
    """提出处置一个批次的证据，等另一人批准。"""
    from local.commands import disposing
    from local.commands.calling import Caller

    disposing.propose(Caller(finding.of_api(token), token), role, batch, reason)


@evidence_app.command()
def approve(batch: _Batch, role: _Role = "approver", token: Token = None) -> None:
    """批准处置：密钥即行销毁，文件从此无法打开。提出人本人不能批准。"""
    from local.commands import disposing
    from local.commands.calling import Caller

    disposing.approve(Caller(finding.of_api(token), token), role, batch)


@evidence_app.command()
def certificate(
    batch: _Batch,
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="存为哪个文件（PDF）")],
    nth: Annotated[int, typer.Option("--no", metavar="NO", help="本批次的第几次处置", min=1)] = 1,
    role: _Role = "officer",
    token: Token = None,
) -> None:
    """取出证据销毁证明。"""
    from local.commands import disposing
    from local.commands.calling import Caller

    disposing.certificate(Caller(finding.of_api(token), token), role, batch, nth, out)
