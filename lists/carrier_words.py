"""The tables of carriers' words: those that come with the product, and an installation's own file."""

from functools import lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from lists.columns import Column, PostResult, folded
from settings import SettingFaulty

_MAX_BYTES = 256 * 1024
_Word = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=50)]
_Words = Annotated[tuple[_Word, ...], Field(max_length=500)]
_Codes = Annotated[dict[_Word, _Word], Field(max_length=500)]


class _Tables(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ResultWords(_Tables):
    whole: _Words = ()
    within: _Words = ()


class CarrierCodes(_Tables):
    result: _Codes = {}
    signer: _Codes = {}
    reason: _Codes = {}


class CarrierWords(_Tables):
    """The form of the file."""

    posting_columns: dict[Column, _Words] = {}
    receipt_columns: dict[Column, _Words] = {}
    passed_over: _Words = ()
    codes: CarrierCodes = CarrierCodes()
    results: dict[PostResult, ResultWords] = {}
    unclear: _Words = ()
    senders: _Words = ()
    mail_rooms: _Words = ()
    units: _Words = ()
    not_returned: _Words = ()
    no: _Words = ()
    back: _Words = ()


@lru_cache(maxsize=1)
def shipped_words() -> CarrierWords:
    """The tables that come with the product."""
    text = (files("lists") / "carriers.yaml").read_text("utf-8")
    return CarrierWords.model_validate(_parsed(text))


def words_of(file: Path) -> CarrierWords:
    """What an installation adds. Raises ``SettingFaulty``, which names the place."""
    told = f"CHOUJIAN_CARRIER_WORDS：文件 {file} "
    try:
        with file.open("rb") as opened:
            raw = opened.read(_MAX_BYTES + 1)
        if len(raw) > _MAX_BYTES:
            raise SettingFaulty(f"{told}过大，应当不超过{_MAX_BYTES // 1024} KB。")
        words = CarrierWords.model_validate(_parsed(raw.decode("utf-8-sig")) or {})
    except OSError as error:
        raise SettingFaulty(f"{told}读不了（{type(error).__name__}）。") from None
    except UnicodeDecodeError:
        raise SettingFaulty(f"{told}应为 UTF-8 编码。") from None
    except (yaml.YAMLError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        raise SettingFaulty(f"{told}不是 YAML{f'（第{mark.line + 1}行）' if mark else ''}。") from None
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        place = ".".join(map(str, first["loc"])) or "整体"
        raise SettingFaulty(
            f"{told}的 {place} 不对（{first['type']}）；写法见 lists/carriers.yaml。"
        ) from None
    for result, of in words.results.items():
        for other, others in words.results.items():
            if both := {*map(folded, of.whole)} & {*map(folded, others.whole)} if other != result else ():
                raise SettingFaulty(f"{told}把“{min(both)}”同时列为 {result} 和 {other}。")
    return words


def _parsed(text: str) -> Any:
    """Everything as text: a bare 10, no or N is a word like any other."""
    return yaml.load(text, Loader=yaml.BaseLoader)
