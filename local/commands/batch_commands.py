"""The commands about one batch, as typer has them; what they do is in ``local.commands.batches``."""

from pathlib import Path
from typing import Annotated

import typer

from local.commands import finding

batch_commands = typer.Typer()

_BatchNo = Annotated[str, typer.Argument(metavar="BATCH", help="批次编号，例如 CJ2026-000001")]
Token = Annotated[
    str | None, typer.Option("--token", envvar="CHOUJIAN_TOKEN", help="令牌；不写则用本机签发的")
]


@batch_commands.command()
def order(
    file: Annotated[
        Path | None, typer.Option("--file", metavar="ORDER.json", help="任务的内容；不写则用示例")
    ] = None,
    token: Token = None,
) -> None:
    """下达一个抽检批次，打印编号，可写成 BATCH=$(choujian order)。

    不写 --file 时下达接口说明里的示例，适用今日有效的规程；型号每次不同：同一型号当年再下达会被拒绝（§3）。
    """
    from local.commands import batches
    from local.commands.calling import Caller

    batches.order(Caller(finding.of_api(token), token), file)


@batch_commands.command()
def step(
    batch: _BatchNo,
    name: Annotated[str, typer.Argument(metavar="STEP", help="步骤，例如 purchased；写错则列出全部步骤")],
    role: Annotated[
        str | None,
        typer.Option(
            "--as", metavar="ROLE", help="以什么角色（本机签发的令牌）；不写则用有权办理的第一个角色"
        ),
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--file", metavar="BODY.json", help="步骤的内容；不写则用示例，日期为今日")
    ] = None,
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="改其中一项，可以多次；例如 party=producer"),
    ] = None,
    token: Token = None,
) -> None:
    """登记一个步骤，打印答复：已受理，不予受理（说明理由，退出码 1），或者已登记、稍后决定。"""
    from local.commands import batches
    from local.commands.calling import Caller

    caller = Caller(finding.of_api(token), token)
    if not batches.step(caller, batch, name, role=role, file=file, settings=settings or ()):
        raise typer.Exit(1)


@batch_commands.command()
def steps(batch: _BatchNo, token: Token = None) -> None:
    """一个批次登记过的全部步骤：何时、由谁、如何答复，及其编号。"""
    from local.commands import correcting
    from local.commands.calling import Caller

    correcting.steps(Caller(finding.of_api(token), token), batch)


@batch_commands.command()
def correct(
    batch: _BatchNo,
    step: Annotated[
        str, typer.Argument(metavar="STEP_ID", help="所更正步骤的编号，见 choujian steps；下达的内容写 order")
    ],
    reason: Annotated[str, typer.Option("--reason", help="更正理由")],
    settings: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="应有的内容，可以多次；例如 delivered_on=2026-09-14"),
    ] = None,
    never: Annotated[bool, typer.Option("--never", help="该步骤从未发生")] = False,
    evidence: Annotated[
        list[str] | None,
        typer.Option("--evidence", metavar="编号,SHA-256,保管人", help="证据，可以多件；更正报告的必须有"),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="只说明确认之后会发生什么，不提出")] = False,
    token: Token = None,
) -> None:
    """提出更正一个登记有误的步骤，先说明确认之后会发生什么；由另一人确认后生效，原登记保留。"""
    from local.commands import correcting
    from local.commands.calling import Caller

    caller = Caller(finding.of_api(token), token)
    correcting.correct(
        caller,
        batch,
        step,
        settings=settings or (),
        never=never,
        reason=reason,
        evidence=evidence or (),
        is_trial=dry_run,
    )


@batch_commands.command()
def show(
    batch: _BatchNo,
    timeline: Annotated[bool, typer.Option("--timeline", help="改为列出全程记录")] = False,
    token: Token = None,
) -> None:
    """一个批次：阶段、结果，正在等待什么、由谁、至何日、依据哪一条，各份文书。"""
    from local.commands import batches
    from local.commands.calling import Caller

    batches.show(Caller(finding.of_api(token), token), batch, timeline=timeline)


@batch_commands.command()
def archive(
    batch: _BatchNo,
    out: Annotated[Path, typer.Option("--out", metavar="FILE.zip", help="存为哪个文件")],
    reason: Annotated[str, typer.Option("--reason", help="理由，记入查阅记录")] = "移交案卷",
    role: Annotated[
        str, typer.Option("--as", metavar="ROLE", help="以什么角色（本机签发的令牌），例如 officer、auditor")
    ] = "officer",
    token: Token = None,
) -> None:
    """取得一个批次的案卷（ZIP）：文书、全程记录、期限证明、证据，没有本系统也能核验，说明在其中。"""
    from local.commands import archiving
    from local.commands.calling import Caller

    archiving.archive(Caller(finding.of_api(token), token), role, batch, out, reason=reason)


@batch_commands.command("access-log")
def access_log(
    batch: Annotated[str | None, typer.Option("--batch", metavar="BATCH", help="只看某批次的")] = None,
    sub: Annotated[str | None, typer.Option("--sub", help="只看某人的（人员编号）")] = None,
    day: Annotated[str | None, typer.Option("--day", help="只看某日的，例如 2026-09-18")] = None,
    limit: Annotated[int, typer.Option("--limit", help="最近几条", min=1, max=200)] = 50,
    token: Token = None,
) -> None:
    """何人、何时、从何处查阅了个人信息，最近的在前；须为审计人员。"""
    from local.commands import reads
    from local.commands.calling import Caller

    reads.show(Caller(finding.of_api(token), token), batch_no=batch, sub=sub, day=day, limit=limit)
