"""The installation's keys: made once, kept to itself, and known for good."""

from pathlib import Path

import pytest

from signing.keys import Keyring, NoSigningKey
from signing.notes import NoteFaulty


def test_a_key_is_made_once_and_its_private_half_is_nobody_elses(tmp_path: Path) -> None:
    ring = Keyring(tmp_path / "signing")
    with pytest.raises(NoSigningKey):
        ring.signer()
    made = ring.ensure("某市局")
    assert ring.ensure("某市局") == made == ring.signer().public
    assert (tmp_path / "signing").stat().st_mode & 0o777 == 0o700
    (private,) = (tmp_path / "signing").glob("*.pem")
    assert private.stat().st_mode & 0o777 == 0o600


def test_what_was_signed_before_a_rotation_still_verifies(tmp_path: Path) -> None:
    """By the old public key, which stays published; its private half is gone."""
    ring = Keyring(tmp_path)
    first = ring.ensure("某市局")
    note = ring.signer().note("choujian-head/1", "一")
    second = ring.rotate("某市局")
    assert ring.public() == [first, second]
    old, new = ring.known()
    assert (old.until, new.until) == (new.begin, None)
    assert [one.as_jwk()["kid"] for one in (old, new)] == [first.id, second.id]
    assert ring.signer().public == second
    assert [one.name for one in tmp_path.glob("*.pem")] == [f"private-{second.id}.pem"]
    assert first.opened(note) == "choujian-head/1\n一\n"
    with pytest.raises(NoteFaulty):
        second.opened(note)


def test_a_line_cannot_become_two(tmp_path: Path) -> None:
    ring = Keyring(tmp_path)
    ring.ensure("a")
    for line in ("", "one\ntwo"):
        with pytest.raises(ValueError, match="one line"):
            ring.signer().note(line)
    with pytest.raises(ValueError, match="name"):
        ring.rotate("a b")
