"""Files that come in in parts: whatever is interrupted, what is whole is what was sent."""

import hashlib
import os
from pathlib import Path
from uuid import uuid4

import pytest

from evidence.incoming import Arrived, HeldFile, Incoming, IncomingBusy, IncomingLost
from evidence.kinds import KindRefused
from evidence.profiles import Profile
from evidence.sealing import CHUNK, Sealer, spans
from tests.evidence.builders import NOTHING, picture, sealer_of

FILE = uuid4()


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return sealer_of(FILE, tmp_path / "keys")


def incoming(held: HeldFile, sealer: Sealer, size: int, arrived: Arrived = NOTHING) -> Incoming:
    return Incoming(held, sealer, Profile.STANDARD, size, arrived, None)


def opened(path: Path, sealer: Sealer, size: int) -> bytes:
    sealed = path.read_bytes()
    (span,) = spans(0, size, size, size)
    return b"".join(sealer.open_span(sealed[span.begin : span.end], span, size))


@pytest.mark.parametrize("part", [1000, CHUNK - 1, CHUNK, 3 * CHUNK + 7])
def test_a_file_may_come_in_parts_of_any_size(part: int, tmp_path: Path, sealer: Sealer) -> None:
    """Each part in another process, as it were: nothing is remembered but what is on record."""
    content = picture(4 * CHUNK + 100)
    arrived = NOTHING
    while arrived.received < len(content):
        with HeldFile(tmp_path, FILE) as held:
            coming = incoming(held, sealer, len(content), arrived)
            coming.write(memoryview(content)[arrived.received : arrived.received + part])
            arrived = coming.arrived()
            digest = coming.digests.sha256
    assert opened(held.path, sealer, len(content)) == content
    assert digest == hashlib.sha256(content).hexdigest()


@pytest.mark.parametrize("recorded", [10, CHUNK, CHUNK + 10])
def test_what_the_record_does_not_know_of_is_cut_off(recorded: int, tmp_path: Path, sealer: Sealer) -> None:
    """A process killed between the disk and the record; what is sent afterwards may be something else."""
    content = picture(3 * CHUNK)
    with HeldFile(tmp_path, FILE) as held:
        coming = incoming(held, sealer, len(content))
        coming.write(memoryview(content)[:recorded])
        on_record = coming.arrived()
        coming.write(memoryview(content)[recorded : recorded + CHUNK])
        coming.flush()
    content = content[:recorded] + os.urandom(len(content) - recorded)
    with HeldFile(tmp_path, FILE) as held:
        coming = incoming(held, sealer, len(content), on_record)
        coming.write(memoryview(content)[recorded:])
        coming.flush()
        assert coming.digests.sha256 == hashlib.sha256(content).hexdigest()
    assert opened(held.path, sealer, len(content)) == content


def test_a_torn_end_is_cut_off(tmp_path: Path, sealer: Sealer) -> None:
    content = picture(2 * CHUNK)
    with HeldFile(tmp_path, FILE) as held:
        coming = incoming(held, sealer, len(content))
        coming.write(memoryview(content)[:CHUNK])
        on_record = coming.arrived()
    with held.path.open("ab") as file:
        file.write(b"half a chunk")
    with HeldFile(tmp_path, FILE) as held:
        coming = incoming(held, sealer, len(content), on_record)
        coming.write(memoryview(content)[CHUNK:])
        coming.flush()
    assert opened(held.path, sealer, len(content)) == content


def test_a_file_that_lost_what_is_on_record_is_lost(tmp_path: Path, sealer: Sealer) -> None:
    """Cut, altered, or gone: it is sent again, and never taken for whole."""
    content = picture(2 * CHUNK)
    with HeldFile(tmp_path, FILE) as held:
        coming = incoming(held, sealer, len(content))
        coming.write(memoryview(content)[:CHUNK])
        on_record = coming.arrived()
        os.ftruncate(held.descriptor, CHUNK)
        with pytest.raises(IncomingLost):
            incoming(held, sealer, len(content), on_record)
    with HeldFile(tmp_path, FILE) as held:
        coming = incoming(held, sealer, len(content))
        coming.write(memoryview(content)[:CHUNK])
        on_record = coming.arrived()
        os.pwrite(held.descriptor, b"x", CHUNK // 2)
        with pytest.raises(IncomingLost):
            incoming(held, sealer, len(content), on_record)


def test_two_do_not_write_at_once(tmp_path: Path) -> None:
    with HeldFile(tmp_path, FILE):
        with pytest.raises(IncomingBusy):
            HeldFile(tmp_path, FILE)
        HeldFile(tmp_path, uuid4())
    HeldFile(tmp_path, FILE)


def test_a_file_of_no_kind_is_refused_with_its_first_chunk(tmp_path: Path, sealer: Sealer) -> None:
    with HeldFile(tmp_path, FILE) as held:
        coming = incoming(held, sealer, 10 * CHUNK)
        coming.write(memoryview(b"MZ" + bytes(100)))
        with pytest.raises(KindRefused):
            coming.write(memoryview(bytes(CHUNK)))


def test_nothing_of_the_content_lies_in_the_clear(tmp_path: Path, sealer: Sealer) -> None:
    """Neither in the file nor in what goes into the record."""
    content = picture(100) + b"the seller's telephone" * 5000
    with HeldFile(tmp_path, FILE) as held:
        coming = incoming(held, sealer, len(content) + 1)
        coming.write(memoryview(content))
        arrived = coming.arrived()
    assert b"telephone" not in held.path.read_bytes()
    assert arrived.rest is not None
    assert b"telephone" not in arrived.rest
