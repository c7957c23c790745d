"""Everything that ``choujian up`` makes is closed to other people on the machine."""

import os
import stat
import time
from collections.abc import Iterator

import pytest

from tests.local.running import Running, a_stack


@pytest.fixture
def open_to_all() -> Iterator[None]:
    """An account under which new files can be read by everybody."""
    before = os.umask(0o000)
    yield
    os.umask(before)


@pytest.mark.usefixtures("open_to_all")
def test_what_a_run_leaves_is_closed_to_others() -> None:
    """Keys, logs, both databases, what is written down about the stack: 0600 in folders 0700.

    As root the database is another account's; its group may pass through the folder to it, no more.
    """
    with a_stack() as up:
        assert up.is_ready()
        _closed(up)
        assert up.command("token", "officer").wait(30) == 0
        time.sleep(1)
        _closed(up)


def _closed(up: Running) -> None:
    passed = 0o010 if os.geteuid() == 0 else 0
    assert stat.S_IMODE(up.home.stat().st_mode) == 0o700 | passed
    seen = set()
    for path in up.home.rglob("*"):
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:  # PostgreSQL's come and go
            continue
        if path.name == "up.txt":  # the test's own, see ``a_stack``
            continue
        assert not mode & 0o077, f"{path.relative_to(up.home)} {stat.filemode(mode)}"
        seen.add(path.relative_to(up.home).parts[0])
    assert {"postgres", "logs", "issuer", "signing", "stack.json"} <= seen
