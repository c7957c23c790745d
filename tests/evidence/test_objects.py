"""Where sealed files lie: the folder, and a real server that speaks S3."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest

from evidence.objects import FolderFiles, ObjectMissing, PlaceAway, SealedFiles, sealed_files

LARGE = 12 * 1024 * 1024  # goes in several parts


@pytest.fixture(params=["folder", "bucket"])
def files(request: pytest.FixtureRequest, tmp_path: Path) -> SealedFiles:
    if request.param == "bucket":
        return sealed_files(request.getfixturevalue("bucket"))
    return sealed_files(tmp_path / "kept")


@pytest.mark.parametrize("size", [1, LARGE])
def test_what_is_put_is_there(files: SealedFiles, size: int, tmp_path: Path) -> None:
    """Whole and in parts, until it is deleted; the file it came from is gone."""
    file_id, content, source = uuid4(), os.urandom(size), tmp_path / "incoming"
    source.write_bytes(content)
    files.put(file_id, source)
    assert not source.exists()
    assert files.size(file_id) == size
    assert files.read(file_id, 0, size) == content
    assert files.read(file_id, size - 1, size) == content[-1:]
    ((listed, at),) = [one for one in files.listed() if one[0] == file_id]
    assert listed == file_id
    assert abs(at - time.time()) < 60
    files.delete(file_id)
    files.delete(file_id)
    for ask in (lambda: files.size(file_id), lambda: files.read(file_id, 0, 1)):
        with pytest.raises(ObjectMissing):
            ask()


def test_less_than_was_asked_for_is_missing(files: SealedFiles, tmp_path: Path) -> None:
    file_id, source = uuid4(), tmp_path / "incoming"
    source.write_bytes(b"short")
    files.put(file_id, source)
    with pytest.raises(ObjectMissing):
        files.read(file_id, 0, 6)


def test_a_folder_is_its_owners_alone(tmp_path: Path) -> None:
    source = tmp_path / "incoming"
    source.write_bytes(b"sealed")
    FolderFiles(tmp_path / "kept").put(uuid4(), source)
    assert all(path.stat().st_mode & 0o77 == 0 for path in (tmp_path / "kept").iterdir())


def test_a_copy_takes_the_place_of_what_is_there(files: SealedFiles) -> None:
    """Once all of it has come; one that breaks off leaves what was there."""
    file_id, content = uuid4(), os.urandom(LARGE)

    def breaks_off() -> Iterator[bytes]:
        yield content[: LARGE // 2]
        raise OSError

    files.copy(file_id, iter([b"altered"]))
    with pytest.raises(OSError):  # noqa: PT011 (any)
        files.copy(file_id, breaks_off())
    assert files.read(file_id, 0, 7) == b"altered"
    files.copy(file_id, (content[at : at + 2**20] for at in range(0, LARGE, 2**20)))
    assert files.size(file_id) == LARGE
    assert files.read(file_id, 0, LARGE) == content
    files.require_there()
    assert sealed_files(files.name).size(file_id) == LARGE


def test_copies_that_broke_off_are_forgotten(tmp_path: Path) -> None:
    """Those of a day before; one that is under way stays, and neither is ever listed."""
    files = FolderFiles(tmp_path)
    for name, age in (("old", 3600), ("new", 0)):
        path = tmp_path / "aa" / f"{uuid4()}.{name}.copy"
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(b"half")
        os.utime(path, (time.time() - age, time.time() - age))
    assert list(files.listed()) == []
    files.forget_copies(time.time() - 60)
    assert [path.name.split(".")[1] for path in (tmp_path / "aa").iterdir()] == ["new"]


def test_a_place_that_is_away_is_told(tmp_path: Path, bucket: str) -> None:
    for place in (tmp_path / "unmounted", f"{bucket.replace('evidence', 'nobodys', 1)}"):
        with pytest.raises(PlaceAway):
            sealed_files(place).require_there()


def test_settings_that_compose_leaves_empty_are_none(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty address would end the process."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", "")
    monkeypatch.setenv("AWS_SESSION_TOKEN", "")
    sealed_files(bucket)
    assert "AWS_ENDPOINT_URL" not in os.environ
    assert "AWS_SESSION_TOKEN" not in os.environ
