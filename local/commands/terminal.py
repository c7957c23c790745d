"""Ctrl-C under ``make``: the key must reach ``up`` alone.

GNU make ends itself with SIGINT whenever it gets one, however well the recipe ended, so that ``make up``
would report a failure for a clean end. As a shell does for its jobs, ``up`` therefore makes itself the
terminal's foreground group while it runs, and gives the terminal back afterwards.
"""

import contextlib
import os
import signal
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def in_foreground() -> Iterator[None]:
    """Take the terminal if we run under make in its foreground; otherwise change nothing."""
    terminal = _shared_terminal()
    if terminal is None:
        yield
        return
    before = os.getpgrp()
    # A background group that touches its terminal is stopped with SIGTTOU. Ctrl-Z would stop us but not
    # make, and the shell, which waits for make, would never come back.
    for number in (signal.SIGTTOU, signal.SIGTSTP):
        signal.signal(number, signal.SIG_IGN)
    os.setpgid(0, 0)
    os.tcsetpgrp(terminal, os.getpgrp())
    try:
        yield
    finally:
        with contextlib.suppress(OSError):  # the terminal may have been closed
            os.tcsetpgrp(terminal, before)


def _shared_terminal() -> int | None:
    """Standard input, where it is a terminal whose foreground we share with make."""
    if "MAKELEVEL" not in os.environ or os.getpid() == os.getpgrp():
        return None
    try:
        terminal = sys.stdin.fileno()
        return terminal if os.tcgetpgrp(terminal) == os.getpgrp() else None
    except (OSError, ValueError, AttributeError):
        return None
