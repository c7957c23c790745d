"""Each day's checkpoint on the real servers: scheduled, stamped by an authority, mailed, each once."""

import subprocess
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiosmtpd.controller import Controller
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError
from temporalio.worker import Worker

from activities.checkpoints import Checkpointing, mail_for
from activities.stamping import NotStamped, stamping_for
from local.embedded.ports import free_port
from settings import SettingFaulty, Settings
from signing.keys import Keyring
from store.checkpoints import keeping
from temporal import schedules
from tests.activities.authority import Authority, authority
from tests.activities.test_dispatching import Mailbox
from tests.store.builders import until
from tests.store.test_checkpoints import days_pass, recorded
from workflows.checkpoint import CheckpointWorkflow

OUTSIDE = ("archive@court.example", "notary@example.com")


@pytest.fixture
def keyring(tmp_path: Path) -> Keyring:
    ring = Keyring(tmp_path / "signing")
    ring.ensure("某市局")
    return ring


@pytest.fixture
def tsa(tmp_path: Path) -> Iterator[Authority]:
    folder = tmp_path / "tsa"
    folder.mkdir()
    with authority(folder) as one:
        yield one


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    yield box, f"smtp://127.0.0.1:{controller.port}"
    controller.stop()


def verified(folder: Path, tsa: Authority) -> bool:
    """As anybody would do it who has the text, the answer and the authority's root."""
    check = ["openssl", "ts", "-verify", "-data", "note", "-in", "tsr", "-CAfile", str(tsa.root)]
    return subprocess.run(check, cwd=folder, capture_output=True, check=False).returncode == 0


def stamped_by(one: Authority, **changes: object) -> Settings:
    return Settings.model_validate({"tsa_url": one.url, "tsa_roots": one.root, **changes})


async def test_a_checkpoint_is_stamped_once_and_anybody_can_check_it(
    engine: AsyncEngine, keyring: Keyring, tsa: Authority, tmp_path: Path
) -> None:
    """What is kept is the authority's whole answer: OpenSSL verifies it over the published text."""
    daily = Checkpointing(engine, keyring, stamping_for(stamped_by(tsa)), None)
    await recorded(engine)
    await daily.make()
    assert (await daily.stamp(), await daily.stamp(), tsa.asked) == (1, 0, 1)
    one = await keeping.one(engine)
    assert one.token is not None
    assert one.stamped_at is not None
    assert abs(one.stamped_at - datetime.now(UTC)) < timedelta(minutes=1)
    (tmp_path / "note").write_text(one.note, "utf-8")
    (tmp_path / "tsr").write_bytes(one.token)
    assert verified(tmp_path, tsa)
    (tmp_path / "note").write_text(one.note.replace("no 1", "no 2"), "utf-8")
    assert not verified(tmp_path, tsa)


async def test_what_is_no_time_stamp_of_ours_is_not_kept(
    engine: AsyncEngine, keyring: Keyring, tsa: Authority, tmp_path: Path
) -> None:
    """Of an authority that is away, answers nonsense, or has another root; later it is made good."""
    daily = Checkpointing(engine, keyring, stamping_for(stamped_by(tsa)), None)
    await recorded(engine)
    await daily.make()
    for fault in ((503, b""), (200, b"nonsense"), (200, b"")):
        tsa.fault = fault
        with pytest.raises(NotStamped):
            await daily.stamp()
    tsa.fault = None
    another = tmp_path / "another"
    another.mkdir()
    with authority(another) as foreign:
        settings = stamped_by(foreign, tsa_roots=tsa.root)
        with pytest.raises(NotStamped):
            await Checkpointing(engine, keyring, stamping_for(settings), None).stamp()
    assert (await keeping.one(engine)).token is None
    await days_pass(engine)
    await daily.make()
    assert await daily.stamp() == 2


async def test_a_checkpoint_is_mailed_out_of_the_house_once(
    engine: AsyncEngine, keyring: Keyring, mailbox: tuple[Mailbox, str]
) -> None:
    """To all of them in one letter, the signed text attached byte for byte."""
    box, url = mailbox
    mail = mail_for(Settings(smtp_url=url, checkpoint_mail=" ".join(OUTSIDE)))
    daily = Checkpointing(engine, keyring, None, mail)
    await recorded(engine)
    await daily.make()
    assert (await daily.mail(), await daily.mail()) == (1, 0)
    (letter,) = box.letters
    assert letter["To"] == ", ".join(OUTSIDE)
    assert letter["Message-ID"] == "<checkpoint-1@localhost>"
    (attached,) = letter.iter_attachments()
    assert attached.get_content() == (await keeping.one(engine)).note


def test_half_a_setting_is_said_at_the_start(tmp_path: Path) -> None:
    """Before anything is waited for."""
    with pytest.raises(SettingFaulty, match="CHOUJIAN_SMTP_URL"):
        mail_for(Settings(checkpoint_mail=OUTSIDE[0]))
    for roots in (None, tmp_path / "none.pem", Path(__file__)):
        with pytest.raises(SettingFaulty, match="CHOUJIAN_TSA_ROOTS"):
            stamping_for(Settings(tsa_url="http://127.0.0.1:9", tsa_roots=roots))
    with pytest.raises(SettingFaulty, match="CHOUJIAN_TSA_URL"):
        stamping_for(Settings(tsa_url="127.0.0.1"))
    assert stamping_for(Settings()) is mail_for(Settings()) is None


async def test_the_schedule_makes_the_first_at_once_and_never_two_of_a_day(
    engine: AsyncEngine,
    keyring: Keyring,
    temporal_client: Client,
    tsa: Authority,
    mailbox: tuple[Mailbox, str],
) -> None:
    """Made, stamped and mailed; started again the same day it finds all done."""
    box, url = mailbox
    settings = stamped_by(tsa, smtp_url=url, checkpoint_mail=OUTSIDE[0])
    daily = Checkpointing(engine, keyring, stamping_for(settings), mail_for(settings))
    await recorded(engine)
    with suppress(RPCError):  # another test's worker made one, for another queue
        await temporal_client.get_schedule_handle(schedules.CHECKPOINT_ID).delete()
    await schedules.ensure_checkpoint_schedule(temporal_client, task_queue="checkpoints")
    await schedules.ensure_checkpoint_schedule(temporal_client, task_queue="checkpoints")
    handle = temporal_client.get_schedule_handle(schedules.CHECKPOINT_ID)
    try:
        async with Worker(
            temporal_client,
            task_queue="checkpoints",
            workflows=[CheckpointWorkflow],
            activities=[daily.make, daily.stamp, daily.mail],
        ):

            async def ended(times: int) -> bool:
                found = await handle.describe()
                return found.info.num_actions >= times and not found.info.running_actions

            await until(lambda: ended(1), 20)
            one = await keeping.one(engine)
            assert one.token is not None
            assert len(box.letters) == 1
            await handle.trigger()
            await until(lambda: ended(2), 20)
        assert [each.no for each in await keeping.every(engine)] == [1]
        assert (tsa.asked, len(box.letters)) == (1, 1)
    finally:
        await handle.delete()
