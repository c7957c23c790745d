"""Chunks: each opens alone, at its place, in its file, under its key, and nowhere else."""

from pathlib import Path
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from evidence.keyring import NoRootKey, RootKeys
from evidence.profiles import Digests, Profile, SealBroken
from evidence.sealing import CHUNK, HEAD, SEALED_CHUNK, Sealer, sealed_size, spans
from tests.evidence.builders import came_in, picture, sealer_of

SIZES = (1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 3 * CHUNK + 5)
BOTH = pytest.mark.parametrize("profile", Profile)


@BOTH
def test_a_chunk_opens_only_where_it_belongs(profile: Profile) -> None:
    """Not as another number, not as the last or not the last, not in another file, not under another key."""
    file_id, key = uuid4(), bytes(profile.key_bytes)
    sealer = Sealer(file_id, profile, key)
    sealed = sealer.close(b"content", 3, last=True)
    assert sealer.open(sealed, 3, last=True) == b"content"
    elsewhere = Sealer(uuid4(), profile, key)
    another_key = Sealer(file_id, profile, b"\x01" * profile.key_bytes)
    for who, number, last in (
        (sealer, 2, True),
        (sealer, 3, False),
        (elsewhere, 3, True),
        (another_key, 3, True),
    ):
        with pytest.raises(SealBroken):
            who.open(sealed, number, last=last)
    with pytest.raises(SealBroken):
        sealer.open_rest(sealed, 3)


@BOTH
def test_every_altered_byte_is_seen(profile: Profile) -> None:
    """In nonce, ciphertext and tag; what is cut off as well."""
    sealer = Sealer(uuid4(), profile, bytes(profile.key_bytes))
    sealed = sealer.close(b"content", 0, last=True)
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(SealBroken):
            sealer.open(bytes(altered), 0, last=True)
    for length in (0, 1, 20, len(sealed) - 1):
        with pytest.raises(SealBroken):
            sealer.open(sealed[:length], 0, last=True)


def test_the_same_chunk_is_never_sealed_the_same_way() -> None:
    """A chunk sealed twice with different content must not give away what they have in common."""
    sealer = Sealer(uuid4(), Profile.STANDARD, bytes(32))
    assert sealer.close(b"a", 0, last=False)[:12] != sealer.close(b"a", 0, last=False)[:12]


@pytest.mark.parametrize("size", SIZES)
def test_a_sealed_file_is_as_long_as_foretold(size: int, tmp_path: Path) -> None:
    file_id = uuid4()
    content = picture(max(size, 8))
    path = came_in(tmp_path, sealer_of(file_id, tmp_path / "keys"), file_id, content)
    assert path.stat().st_size == sealed_size(len(content))


@given(size=st.sampled_from(SIZES), at=st.data())
@hypothesis_settings(max_examples=60)
def test_any_range_opens(size: int, at: st.DataObject) -> None:
    """From the sealed bytes of its own chunks alone."""
    content = picture(size)
    sealer = Sealer(uuid4(), Profile.STANDARD, bytes(32))
    final = (size - 1) // CHUNK
    sealed = sealer.head + b"".join(
        sealer.close(content[number * CHUNK : (number + 1) * CHUNK], number, last=number == final)
        for number in range(final + 1)
    )
    begin = at.draw(st.integers(0, size - 1))
    end = at.draw(st.integers(begin + 1, size))
    opened = b""
    for span in spans(begin, end, size, at.draw(st.integers(1, 3))):
        opened += b"".join(sealer.open_span(sealed[span.begin : span.end], span, size))
    skipped = begin - begin // CHUNK * CHUNK
    assert opened[skipped : skipped + end - begin] == content[begin:end]


def test_a_file_that_lost_its_end_does_not_open_there() -> None:
    """The last whole chunk of a cut file is not its last chunk."""
    sealer = Sealer(uuid4(), Profile.STANDARD, bytes(32))
    first = sealer.close(bytes(CHUNK), 0, last=False)
    (span,) = spans(0, CHUNK, CHUNK, 4)
    assert (span.begin, span.end) == (HEAD, HEAD + SEALED_CHUNK)
    with pytest.raises(SealBroken):
        list(sealer.open_span(first, span, CHUNK))


def test_a_files_key_is_wrapped_for_this_file_alone(tmp_path: Path) -> None:
    keys, file_id = RootKeys(tmp_path / "keys"), uuid4()
    name = keys.ensure()
    assert keys.ensure() == name
    for profile in Profile:
        wrapped = keys.new_key(file_id, profile)
        assert len(keys.unwrap(file_id, wrapped)) == profile.key_bytes
        with pytest.raises(SealBroken):
            keys.unwrap(uuid4(), wrapped)


def test_keys_are_their_owners_alone_and_are_missed(tmp_path: Path) -> None:
    """Nobody else may read them; one that is gone or altered is told by its path."""
    keys, file_id = RootKeys(tmp_path / "keys"), uuid4()
    with pytest.raises(NoRootKey, match="current"):
        keys.new_key(file_id, Profile.STANDARD)
    path = tmp_path / "keys" / f"root-{keys.ensure()}.key"
    assert path.stat().st_mode & 0o77 == 0
    wrapped = keys.new_key(file_id, Profile.STANDARD)
    path.write_text("00" * 32)
    with pytest.raises(NoRootKey, match=path.name):
        keys.unwrap(file_id, wrapped)


def test_digests_are_the_published_ones() -> None:
    """SM3 as in GB/T 32905, beside SHA-256 and only where the profile asks."""
    usual, national = Digests(Profile.STANDARD), Digests(Profile.SM)
    for digests in (usual, national):
        digests.add(b"ab")
        digests.add(memoryview(b"c"))
    assert usual.sm3 is None
    assert national.sm3 == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert usual.sha256 == national.sha256
    assert national.sha256 == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
