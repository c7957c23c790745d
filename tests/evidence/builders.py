"""Content and files for the tests of the evidence store."""

import io
import os
import zipfile
from pathlib import Path
from uuid import UUID

from evidence.incoming import Arrived, HeldFile, Incoming
from evidence.keyring import RootKeys
from evidence.profiles import Profile
from evidence.sealing import Sealer

NOTHING = Arrived(0, None, None)
PNG = b"\x89PNG\r\n\x1a\n"


def picture(size: int) -> bytes:
    """Nobody's picture, but one by its first bytes."""
    return (PNG + os.urandom(max(size - len(PNG), 0)))[:size]


def zipped(*names: str) -> bytes:
    kept = io.BytesIO()
    with zipfile.ZipFile(kept, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in names:
            archive.writestr(name, f"content of {name}")
    return kept.getvalue()


def sealer_of(file_id: UUID, folder: Path, profile: Profile = Profile.STANDARD) -> Sealer:
    keys = RootKeys(folder)
    keys.ensure()
    return Sealer(file_id, profile, keys.unwrap(file_id, keys.new_key(file_id, profile)))


def came_in(folder: Path, sealer: Sealer, file_id: UUID, content: bytes, at_once: int = 1 << 20) -> Path:
    """A whole sealed file, where incoming ones lie."""
    with HeldFile(folder, file_id) as held:
        incoming = Incoming(held, sealer, Profile.STANDARD, len(content), NOTHING, None)
        for begin in range(0, len(content), at_once):
            incoming.write(memoryview(content)[begin : begin + at_once])
        assert incoming.arrived().rest is None
        return held.path
