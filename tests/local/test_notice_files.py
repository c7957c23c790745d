"""A notice as it was saved: its encoding, and a change laid over what the running system counts on."""

import json
from pathlib import Path
from typing import Any, cast

import pytest

from law.notices import read
from local.commands.calendars import arrangement
from local.commands.calling import Caller
from local.errors import CommandError

NOTICES = Path(__file__).parents[1] / "files" / "notices"
YEAR_2020 = read((NOTICES / "2020.txt").read_text("utf-8"), lambda _year: None)


class Answering:
    """The running system's answer about a year."""

    def __init__(self, held: dict[str, Any]) -> None:
        self.held = held
        self.asked: list[str] = []

    def ask(self, _role: str, _method: str, path: str) -> dict[str, Any]:
        self.asked.append(path)
        return self.held


def body(answering: Answering, file: Path) -> dict[str, Any]:
    read_in: dict[str, Any] = json.loads(arrangement(cast(Caller, answering), file))
    return read_in


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gbk", "gb18030", "utf-16"])
def test_a_notice_is_read_however_the_editor_saved_it(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "2020.TXT"
    file.write_text((NOTICES / "2020.txt").read_text("utf-8"), encoding)
    answering = Answering({})
    assert body(answering, file)["version"] == "国办发明电〔2019〕16号"
    assert answering.asked == []


def test_a_change_asks_what_is_in_force(tmp_path: Path) -> None:
    """The body is the whole year as changed, under both numbers."""
    file = tmp_path / "change.txt"
    file.write_bytes((NOTICES / "2020-spring-festival.txt").read_bytes())
    held = {**YEAR_2020.model_dump(mode="json"), "digest": YEAR_2020.digest}
    answering = Answering(held)
    changed = body(answering, file)
    assert answering.asked == ["/calendars/years/2020"]
    assert changed["version"] == "国办发明电〔2019〕16号；国办发明电〔2020〕1号"
    assert changed["holidays"]["2020-02-02"] == "春节"
    assert "2020-02-01" not in changed["makeup_days"]
    with pytest.raises(CommandError, match="2020年的放假安排尚未导入"):
        body(Answering({**held, "announced": False}), file)


def test_what_is_no_text_is_told_as_such(tmp_path: Path) -> None:
    file = tmp_path / "2020.txt"
    file.write_bytes(b"\xff\x00\xff\x00\xff")
    with pytest.raises(CommandError, match="另存为纯文本"):
        body(Answering({}), file)
