"""The ``choujian`` command. Each command imports what it needs itself, so that the small ones stay quick."""

import asyncio
import logging
import os
import signal
import sys
from datetime import timedelta
from typing import Annotated

import typer

from local.commands import finding
from local.commands.account_commands import account_app
from local.commands.batch_commands import batch_commands
from local.commands.calendar_commands import calendar_app
from local.commands.displaced_commands import displaced_commands
from local.commands.evidence_commands import evidence_app
from local.commands.keys_commands import keys_app
from local.commands.record_commands import records_app
from local.commands.sample_commands import sample_app
from local.commands.timeline_commands import timeline_app
from local.errors import CommandError
from local.settle import keep_what_is_loaded, run

app = typer.Typer(
    help="抽检：网络交易商品质量抽查检验，从下达任务到办结。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(timeline_app, name="timeline")
app.add_typer(account_app, name="account")
app.add_typer(calendar_app, name="calendar")
app.add_typer(keys_app, name="keys")
app.add_typer(evidence_app, name="evidence")
app.add_typer(sample_app, name="sample")
app.add_typer(records_app, name="records")
app.add_typer(batch_commands)
app.add_typer(displaced_commands)


@app.command()
def up() -> None:
    """启动整个系统（数据库、Temporal、worker、API），按 Ctrl-C 结束。"""
    from local.embedded import stack

    raise typer.Exit(stack.up(finding.of_environment()))


@app.command()
def status(
    part: Annotated[
        str | None,
        typer.Argument(metavar="[PART]", help="PostgreSQL、Temporal、pages、worker 或 API；不写则列出全部"),
    ] = None,
) -> None:
    """本机的系统在运行哪些部分；写明一个部分，则只打印它的进程号。"""
    from local.commands import status as parts

    home = finding.of_environment().home_dir
    if part is not None:
        typer.echo(parts.pid_of(home, part))
    elif not parts.show(home):
        raise typer.Exit(1)


@app.command()
def doctor(
    as_json: Annotated[bool, typer.Option("--json", help="以 JSON 输出，与 GET /health 相同")] = False,
) -> None:
    """系统的各部分是否正常办理，每部分一行，不正常的写明如何处理；全部正常时退出码为 0，否则为 1。"""
    from health.report import Standing
    from local.commands import doctor as looking

    settings = finding.of_stack()
    report = run(lambda: looking.look(settings))
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
    else:
        looking.show(report)
    if report.status is not Standing.OK:
        raise typer.Exit(1)


@app.command()
def restart(
    part: Annotated[str, typer.Argument(metavar="PART", help="PostgreSQL、Temporal、pages、worker 或 API")],
) -> None:
    """让 choujian up 重新启动一个部分，它在运行就先结束；等到它就绪。"""
    from local.commands import status as parts

    parts.restart(finding.of_environment().home_dir, part)


@app.command()
def worker() -> None:
    """只启动 worker：办理批次的流程。"""
    from settings import SettingFaulty
    from worker import run_worker

    settings = finding.of_stack()
    _log_what_happens()

    async def until_signalled() -> None:
        await run_worker(settings, _stop_on_signals())

    keep_what_is_loaded()
    try:
        run(until_signalled)
    except SettingFaulty as error:
        raise CommandError(str(error), exit_code=2) from None


@app.command()
def api() -> None:
    """只启动 API。"""
    from local.commands.serving import serve_api
    from local.embedded.ports import api_port, require_free
    from settings import SettingFaulty

    settings = finding.of_stack()
    require_free([api_port(settings)])
    _log_what_happens()

    async def until_signalled() -> bool:
        return await serve_api(settings, _stop_on_signals())

    keep_what_is_loaded()
    try:
        came_up = run(until_signalled)
    except SettingFaulty as error:
        raise CommandError(str(error), exit_code=2) from None
    if not came_up:
        raise typer.Exit(1)


@app.command(hidden=True)
def pages(
    upstream: Annotated[str, typer.Argument(metavar="URL", help="Temporal 自己的网页在哪里")],
    host: Annotated[str, typer.Option("--host", help="在哪个地址上接受访问")] = "127.0.0.1",
) -> None:
    """只启动 Temporal 网页前面的一道门：只供查看，不能办理。"""
    from local.commands.serving import serve_pages

    settings = finding.of_environment()
    _log_what_happens()

    async def until_signalled() -> bool:
        return await serve_pages(settings, upstream, host, _stop_on_signals())

    if not run(until_signalled):
        raise typer.Exit(1)


@app.command()
def migrate() -> None:
    """建立或更新数据库结构，以表的所有者（MIGRATION_DATABASE_URL）。"""
    from store.migrate import RolesFaulty, upgrade

    owner_url = finding.of_stack().migration_database_url
    if not owner_url:
        raise CommandError(
            "请在 MIGRATION_DATABASE_URL 中写明数据库及其所有者；服务所用的角色不能改动表。", exit_code=2
        )
    _log_what_happens()
    try:
        run(lambda: upgrade(owner_url))
    except RolesFaulty as error:
        raise CommandError(str(error), exit_code=2) from None


@app.command()
def token(
    role: Annotated[
        str,
        typer.Argument(
            metavar="ROLE", help="officer、lab、approver、supervisor、admin、auditor；revoke 则是撤销"
        ),
    ],
    name: Annotated[str | None, typer.Option("--name", help="姓名")] = None,
    sub: Annotated[str | None, typer.Option("--sub", help="人员编号，默认“角色-01”")] = None,
    laboratory: Annotated[str | None, typer.Option("--laboratory", help="承检机构编号，只用于 lab")] = None,
    bureau: Annotated[str | None, typer.Option("--bureau", help="下级局代码，只用于下级局的 officer")] = None,
    days: Annotated[int, typer.Option("--days", help="有效天数", min=1, max=3650)] = 1,
    jti: Annotated[
        str | None, typer.Option("--jti", help="只用于 revoke：所撤销的一个令牌，或者它的编号")
    ] = None,
) -> None:
    """签发一个本机使用的令牌，打印出来；`choujian token revoke --sub 编号` 撤销某人此前取得的全部令牌。"""
    from local.commands.tokens import issue

    if role == "revoke":
        from local.commands.revoking import revoke

        typer.echo(revoke(finding.of_stack(), token=jti, subject=sub))
        return
    lifetime = timedelta(days=days)
    typer.echo(
        issue(
            finding.of_environment(),
            role,
            name=name,
            subject=sub,
            laboratory=laboratory,
            bureau=bureau,
            lifetime=lifetime,
        )
    )


@app.command("sign-in")
def sign_in(
    role: Annotated[
        str, typer.Argument(metavar="ROLE", help="officer、lab、approver、supervisor、admin、auditor")
    ],
    laboratory: Annotated[str | None, typer.Option("--laboratory", help="承检机构编号，只用于 lab")] = None,
) -> None:
    """打印一个登录工作台的链接，半小时之内有效，只能用一次。"""
    from local.commands.signing_in import link

    typer.echo(link(finding.of_stack(), role, laboratory=laboratory))


@app.command()
def deadline(
    term: Annotated[str, typer.Argument(metavar="TERM", help="期限名称，例如 objection、result_notice")],
    date: Annotated[str, typer.Argument(metavar="DATE", help="起算日，例如 2026-09-18")],
    as_json: Annotated[
        bool, typer.Option("--json", help="输出 JSON，与 GET /deadlines/preview 相同")
    ] = False,
    days: Annotated[int | None, typer.Option("--days", help="合同约定的天数，只用于合同期限", min=1)] = None,
) -> None:
    """计算一个期限的最后一日，逐日说明。不需要系统在运行。"""
    from local.commands.deadlines import count_from, show

    counted = count_from(term, date, days)
    if as_json:
        typer.echo(counted.model_dump_json(indent=2))
    else:
        show(counted)


@app.command()
def outage(
    begin: Annotated[
        str, typer.Argument(metavar="FROM", help="中断开始，例如 2026-11-20 18:00（北京时间）或带时区的时刻")
    ],
    end: Annotated[str, typer.Argument(metavar="TO", help="中断结束，写法相同")],
    as_json: Annotated[bool, typer.Option("--json", help="输出 JSON，与 GET /outages 相同")] = False,
) -> None:
    """中断期间届满的期限：影响到谁，结果如何，是否都按事实决定。只需要数据库在运行。"""
    from local.commands.outages import report, show

    settings = finding.of_stack()
    found = run(lambda: report(settings, begin, end))
    if as_json:
        typer.echo(found.model_dump_json(indent=2))
    else:
        show(found)
    if found.faults:
        raise typer.Exit(1)


@app.command("verify")
def verify_certificate(
    file: Annotated[
        str, typer.Argument(metavar="CERTIFICATE", help="期限证明（JSON），或者其他有签名的文本")
    ],
    key: Annotated[
        str | None, typer.Option(metavar="KEY", help="出具机关的公钥，或者公钥文件；应当从机关自己取得")
    ] = None,
    checkpoint: Annotated[
        str | None, typer.Option(metavar="FILE", help="从别处取得的检查点，证明应当与它相符")
    ] = None,
) -> None:
    """核验一份期限证明：由谁出具，成立或者哪里不成立。不需要系统在运行。"""
    from verify.certificate import main as check

    given = {"--key": key, "--checkpoint": checkpoint}
    more = [word for name, value in given.items() if value is not None for word in (name, value)]
    raise typer.Exit(check([file, *more]))


@app.command()
def demo() -> None:
    """在正在运行的系统上演示：真实批次走完各种结局，时间快进。"""
    from local.scenarios import demo as demonstration

    settings = finding.of_stack()
    raise typer.Exit(run(lambda: demonstration.main(settings)))


def _log_what_happens() -> None:
    """For the commands that run as parts of the stack: what they log ends up in ``<home>/logs``."""
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("httpx").setLevel(logging.WARNING)


def _stop_on_signals() -> asyncio.Event:
    """Set by SIGINT or SIGTERM; call it inside the running loop."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    return stop


def main() -> None:
    """What the ``choujian`` script calls: every refusal is one sentence on stderr and an exit code."""
    # Keys, logs, databases, exported lists: what a command or part makes is its account's alone.
    os.umask(0o077)
    try:
        app()
    except CommandError as error:
        typer.echo(error.sentence, err=True)
        if error.detail:
            typer.echo(error.detail, err=True)
        sys.exit(error.exit_code)
    except ConnectionError as error:
        typer.echo(f"连接不上：{error}", err=True)
        sys.exit(1)
    except ModuleNotFoundError as error:
        typer.echo(f"缺少组件 {error.name}：请在项目文件夹运行 make up，它会自动安装。", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
