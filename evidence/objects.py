"""Where sealed files lie: a folder of this machine, or any S3. What comes here is sealed already."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol
from uuid import UUID, uuid4

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import S3Store


class ObjectMissing(Exception):
    """Nothing lies under the file's id, or less than was asked for."""


class PlaceAway(Exception):
    """The place itself does not answer; ``str()`` is its name."""


# Where there is less on a disk, nothing more is written to it, so that the database and the letters go on.
LEAST_BYTES = 512 * 1024**2
# What a place may raise where it is there and does not work.
UNREADABLE = (OSError, BaseError)


class SealedFiles(Protocol):
    """Each file under its id. All of it blocks: call it in a thread."""

    @property
    def name(self) -> str:
        """What :func:`sealed_files` makes it of."""
        ...

    def require_there(self) -> None:
        """Raises ``PlaceAway``, as where a disk is not mounted."""
        ...

    def put(self, file_id: UUID, source: Path) -> None:
        """Keep a sealed file whole, or not at all; ``source`` may be gone afterwards."""
        ...

    def copy(self, file_id: UUID, pieces: Iterator[bytes]) -> None:
        """Keep what comes in pieces in place of what may be there, once all has come; or not at all."""
        ...

    def size(self, file_id: UUID) -> int:
        """Raises ``ObjectMissing``."""
        ...

    def read(self, file_id: UUID, begin: int, end: int) -> bytes:
        """All of these bytes. Raises ``ObjectMissing``."""
        ...

    def delete(self, file_id: UUID) -> None:
        """One that is not there is deleted."""
        ...

    def listed(self) -> Iterator[tuple[UUID, float]]:
        """Every file, with the moment at which it was put (seconds since the epoch)."""
        ...

    def forget_copies(self, begun_before: float) -> None:
        """Delete copies whose process was killed before they were whole."""
        ...


def size_there(files: SealedFiles, file_id: UUID) -> int | None:
    """None where the file is not. It blocks."""
    try:
        return files.size(file_id)
    except ObjectMissing:
        return None


def sealed_files(place: str | Path) -> SealedFiles:
    """``s3://BUCKET/PREFIX``, with the usual AWS_… variables for whose it is and where; else a folder."""
    if isinstance(place, str) and place.startswith("s3://"):
        return BucketFiles(place)
    return FolderFiles(Path(place))


class FolderFiles:
    """A folder of this machine; what has been put there survives a loss of power."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @property
    def name(self) -> str:
        return str(self._folder)

    def require_there(self) -> None:
        if not self._folder.is_dir():
            raise PlaceAway(self.name)

    def put(self, file_id: UUID, source: Path) -> None:
        """Moves it: ``source`` lies in the same file system and has been flushed to the disk."""
        path = self._ready(file_id)
        source.replace(path)
        for folder in (path.parent, source.parent):
            flush_folder(folder)

    def copy(self, file_id: UUID, pieces: Iterator[bytes]) -> None:
        path = self._ready(file_id)
        # Of its own name: whoever else copies the file at this moment has another.
        unfinished = path.with_suffix(f".{uuid4()}.copy")
        try:
            with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
                for piece in pieces:
                    self._require_room()
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)
        flush_folder(path.parent)

    def size(self, file_id: UUID) -> int:
        try:
            return self._path(file_id).stat().st_size
        except FileNotFoundError:
            raise ObjectMissing from None

    def read(self, file_id: UUID, begin: int, end: int) -> bytes:
        try:
            with self._path(file_id).open("rb", buffering=0) as file:
                found = os.pread(file.fileno(), end - begin, begin)
        except FileNotFoundError:
            raise ObjectMissing from None
        if len(found) != end - begin:
            raise ObjectMissing
        return found

    def delete(self, file_id: UUID) -> None:
        self._path(file_id).unlink(missing_ok=True)

    def listed(self) -> Iterator[tuple[UUID, float]]:
        for path in self._folder.glob("??/*.sealed"):
            yield UUID(path.stem), path.stat().st_mtime

    def forget_copies(self, begun_before: float) -> None:
        for path in self._folder.glob("??/*.copy"):
            if path.stat().st_mtime < begun_before:
                path.unlink(missing_ok=True)

    def _require_room(self) -> None:
        usage = os.statvfs(self._folder)
        if usage.f_bavail * usage.f_frsize < LEAST_BYTES:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), self.name)

    def _ready(self, file_id: UUID) -> Path:
        """Where the file is to lie, in a folder that is there after a loss of power."""
        path = self._path(file_id)
        if not path.parent.is_dir():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            flush_folder(self._folder)
        return path

    def _path(self, file_id: UUID) -> Path:
        return self._folder / file_id.hex[-2:] / f"{file_id}.sealed"


class BucketFiles:
    """A bucket of any S3."""

    def __init__(self, url: str) -> None:
        self._url = url
        # Compose passes on a variable that is not set as an empty one; an empty address ends the library.
        for name in [name for name, value in os.environ.items() if name.startswith("AWS_") and not value]:
            del os.environ[name]
        self._store = S3Store.from_url(url)

    @property
    def name(self) -> str:
        return self._url

    def require_there(self) -> None:
        try:
            for _ in obstore.list(self._store, chunk_size=1):
                return
        except UNREADABLE:
            raise PlaceAway(self.name) from None

    def put(self, file_id: UUID, source: Path) -> None:
        obstore.put(self._store, _key(file_id), source)
        source.unlink()

    def copy(self, file_id: UUID, pieces: Iterator[bytes]) -> None:
        obstore.put(self._store, _key(file_id), pieces)

    def size(self, file_id: UUID) -> int:
        try:
            return int(obstore.head(self._store, _key(file_id))["size"])
        except (NotFoundError, FileNotFoundError):
            raise ObjectMissing from None

    def read(self, file_id: UUID, begin: int, end: int) -> bytes:
        try:
            found = bytes(obstore.get_range(self._store, _key(file_id), start=begin, end=end))
        except (NotFoundError, FileNotFoundError):
            raise ObjectMissing from None
        if len(found) != end - begin:
            raise ObjectMissing
        return found

    def delete(self, file_id: UUID) -> None:
        try:
            obstore.delete(self._store, _key(file_id))
        except (NotFoundError, FileNotFoundError):
            return

    def listed(self) -> Iterator[tuple[UUID, float]]:
        for page in obstore.list(self._store):
            for one in page:
                yield UUID(Path(one["path"]).stem), one["last_modified"].timestamp()

    def forget_copies(self, begun_before: float) -> None:
        """A bucket's own rule ends uploads that were never whole (AbortIncompleteMultipartUpload)."""


def flush_folder(folder: Path) -> None:
    """What was moved or made in a folder stays there after a loss of power."""
    opened = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(opened)
    finally:
        os.close(opened)


def _key(file_id: UUID) -> str:
    return f"{file_id.hex[-2:]}/{file_id}.sealed"
