"""A mail server for every test of what leaves."""

from collections.abc import Iterator

import pytest
from aiosmtpd.controller import Controller

from local.embedded.ports import free_port
from tests.activities.mailbox import Mailbox


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def smtp_url(mailbox: Mailbox) -> Iterator[str]:
    controller = Controller(mailbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield f"smtp://127.0.0.1:{controller.port}"
    controller.stop()
