"""A form as it stands: what was entered, what is wrong with it, and the body that it comes to."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from api.console.fields import Field, Kind
from law.calendar import SHANGHAI
from law.vocabulary import EvidenceKind
from messages.base import Evidence

_WITHOUT_ZONE = re.compile(r"^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d)?$")
# The field of every step that asks for one.
_RECORDING = "recording"
_CHOSEN = (Kind.FEW, Kind.MANY, Kind.YES_NO)
_PLAIN = (Kind.LINE, Kind.TEXT, Kind.NUMBER, Kind.DAY, Kind.FEW, Kind.MANY, Kind.HIDDEN)


@dataclass(frozen=True)
class OfferedEvidence:
    """A piece of evidence that the batch has, as a form offers it."""

    sha256: str
    filename: str
    keeper: str
    kind: EvidenceKind = EvidenceKind.RECORDING

    @property
    def evidence(self) -> Evidence:
        return Evidence(reference=self.filename, sha256=self.sha256, keeper=self.keeper)


@dataclass
class EntryForm:
    """The fields with what stands in them; ``errors`` by place, the empty place being the form itself."""

    fields: Sequence[Field]
    body: Mapping[str, Any]
    kept: Sequence[OfferedEvidence] = ()
    errors: dict[str, list[str]] = field(default_factory=dict)
    more: str = ""

    def __post_init__(self) -> None:
        self._values: dict[str, str] = {}
        self._rows: dict[str, int] = {}
        self._fill(self.fields, self.body, "")

    def value(self, place: str) -> str:
        return self._values.get(place, "")

    def rows(self, place: str, *, required: bool) -> int:
        """How many rows are shown; one to begin with, one more where another was asked for."""
        return max(self._rows.get(place, 0) + (place == self.more), 1 if required else 0)

    def entered(self, place: str) -> bool:
        """Whether anything stands in a group, or is wrong with it."""
        return any(one == place or one.startswith(f"{place}.") for one in (*self._values, *self.errors))

    def chosen(self, place: str) -> set[str]:
        """The digests of evidence that are chosen there."""
        return set(self._values.get(place, "").split())

    def offered(self, one: Field, place: str) -> list[OfferedEvidence]:
        """What may be chosen for it: a recording is none of the papers. What was chosen stays to be seen."""
        chosen = self.chosen(place)
        return [
            kept
            for kept in self.kept
            if one.name != _RECORDING or kept.kind is EvidenceKind.RECORDING or kept.sha256 in chosen
        ]

    def named(self, digest: str) -> str:
        """A piece of evidence as people know it."""
        return next((one.filename for one in self.kept if one.sha256 == digest), digest)

    def places(self) -> Iterator[tuple[str, Field]]:
        """Every answer's place with its question, rows and groups entered into."""
        yield from self._leaves(self.fields, "")

    def label(self, place: str) -> str:
        """What the question at a place is called, with the group that it stands in."""
        fields, labels = self.fields, []
        for part in place.split("."):
            if part.isdecimal():
                labels.append(f"第{int(part) + 1}项")
                continue
            one = next(one for one in fields if one.name == part)
            labels.append(one.label)
            fields = one.inner
        return " › ".join(labels)

    def take_errors(self, problems: Sequence[Mapping[str, str]]) -> None:
        """Each at its field; what has none is the form's."""
        for one in problems:
            place = one["pointer"].strip("/").replace("/", ".").replace("~1", "/").replace("~0", "~")
            self.errors.setdefault(self._shown_at(place), []).append(one["message"])

    def _shown_at(self, place: str) -> str:
        """The field, or the nearest that holds it, that a person sees."""
        known = {*self._places(self.fields, "")}
        while place and place not in known:
            place = place.rpartition(".")[0]
        return place

    def _places(self, fields: Sequence[Field], at: str) -> Sequence[str]:
        found: list[str] = []
        for one in fields:
            place = _under(at, one.name)
            found.append(place)
            if one.kind is Kind.GROUP:
                found += self._places(one.inner, place)
            elif one.kind is Kind.ROWS:
                for nth in range(self._rows.get(place, 0) + 1):
                    found += [f"{place}.{nth}", *self._places(one.inner, f"{place}.{nth}")]
        return found

    def _leaves(self, fields: Sequence[Field], at: str) -> Iterator[tuple[str, Field]]:
        for one in fields:
            place = _under(at, one.name)
            if one.kind is Kind.GROUP:
                yield from self._leaves(one.inner, place)
            elif one.kind is Kind.ROWS:
                for nth in range(self._rows.get(place, 0)):
                    yield from self._leaves(one.inner, f"{place}.{nth}")
            else:
                yield place, one

    def _fill(self, fields: Sequence[Field], body: Mapping[str, Any], at: str) -> None:
        for one in fields:
            value, place = body.get(one.name, one.default), _under(at, one.name)
            if value is None:
                continue
            if one.kind is Kind.GROUP:
                self._fill(one.inner, value, place)
            elif one.kind is Kind.ROWS:
                self._rows[place] = len(value)
                for nth, row in enumerate(value):
                    self._fill(one.inner, row, f"{place}.{nth}")
            else:
                self._values[place] = _shown(one.kind, value)


def _shown(kind: Kind, value: Any) -> str:
    match kind:
        case Kind.YES_NO:
            return "yes" if value is True else "no" if value is False else str(value)
        case Kind.LINES:
            return "\n".join(map(str, value))
        case Kind.INSTANT:
            return _on_the_clock(str(value))
        case Kind.EVIDENCE:
            return str(value.get("sha256", ""))
        case Kind.EVIDENCES:
            return " ".join(str(one.get("sha256", "")) for one in value)
    return str(value)


def _on_the_clock(instant: str) -> str:
    """As a field for a time takes it, in Shanghai; what is no instant stays as it was entered."""
    try:
        at = datetime.fromisoformat(instant).astimezone(SHANGHAI)
    except ValueError:
        return instant
    return f"{at:%Y-%m-%dT%H:%M:%S}" if at.second else f"{at:%Y-%m-%dT%H:%M}"


def body_of(
    fields: Sequence[Field],
    posted: Mapping[str, Sequence[str]],
    kept: Sequence[OfferedEvidence],
    *,
    blank_rows: bool = False,
) -> dict[str, Any]:
    """The body that was entered: what is not filled in is null or left out, as the step's model has it.

    ``blank_rows``: rows in which nothing stands yet count, for somebody is still at them.
    """
    answers = _Answers(posted, {one.sha256: one for one in kept}, blank_rows)
    return answers.group(fields, "") or {}


@dataclass(frozen=True)
class _Answers:
    posted: Mapping[str, Sequence[str]]
    kept: Mapping[str, OfferedEvidence]
    blank_rows: bool

    def group(self, fields: Sequence[Field], at: str) -> dict[str, Any] | None:
        """None where nothing at all was entered."""
        body: dict[str, Any] = {}
        filled = False
        for one in fields:
            value = self._value(one, _under(at, one.name))
            if value is not None and not (one.nullable and value == []):
                # What may be empty in a group that must be there is not missing from it.
                empty = {each.name: None for each in one.inner if each.nullable}
                body[one.name] = empty if one.kind is Kind.GROUP and value == {} else value
                filled = filled or value not in ([], {}, False)
            elif one.nullable:
                body[one.name] = None
        return body if filled or not at else None

    def _row(self, fields: Sequence[Field], at: str) -> dict[str, Any] | None:
        """None for one in which something was chosen at most: rows come with their choices made."""
        written = (
            f"{at}.{place}" for one in fields for place, inner in one.leaves() if inner.kind not in _CHOSEN
        )
        if self.blank_rows or any("".join(self.posted.get(place, ())).strip() for place in written):
            return self.group(fields, at)
        return None

    def _value(self, one: Field, place: str) -> Any:
        text = "".join(self.posted.get(place, ())[:1]).replace("\r\n", "\n").strip()
        if one.kind is Kind.GROUP:
            inner = self.group(one.inner, place)
            return {} if inner is None and not one.nullable else inner
        if one.kind is Kind.ROWS:
            rows = (self._row(one.inner, f"{place}.{nth}") for nth in self._numbers(place))
            return [row or {} for row in rows if row is not None or self.blank_rows]
        if one.kind is Kind.EVIDENCES:
            return [self._evidence(digest) for digest in self.posted.get(place, ()) if digest]
        if not text:
            return [] if one.kind is Kind.LINES else None
        if one.kind in _PLAIN:
            return text
        return self._converted(one.kind, text)

    def _converted(self, kind: Kind, text: str) -> Any:
        if kind is Kind.YES_NO:
            return {"yes": True, "no": False}.get(text, text)
        if kind is Kind.LINES:
            return [line.strip() for line in text.split("\n") if line.strip()]
        if kind is Kind.EVIDENCE:
            return self._evidence(text)
        if not _WITHOUT_ZONE.match(text):
            return text
        return f"{text}+08:00" if text.count(":") == 2 else f"{text}:00+08:00"

    def _evidence(self, digest: str) -> dict[str, str]:
        known = self.kept.get(digest)
        return known.evidence.model_dump() if known else {"sha256": digest}

    def _numbers(self, place: str) -> list[int]:
        """Of the rows that came, whichever were taken out between them."""
        row = re.compile(rf"^{re.escape(place)}\.(\d{{1,4}})\.")
        return sorted({int(found[1]) for name in self.posted if (found := row.match(name))})


def with_what_was_said(
    fields: Sequence[Field], said: Mapping[str, Any], entered: Mapping[str, Any]
) -> dict[str, Any]:
    """What was entered; where a form shows it no other than what was said before, that to the letter.

    A form shows no microseconds and knows a piece of evidence by its digest alone.
    """
    return {name: _as_said(fields, name, said.get(name), value) for name, value in entered.items()}


def _as_said(fields: Sequence[Field], name: str, said: Any, entered: Any) -> Any:
    one = next(one for one in fields if one.name == name)
    if said is None or entered is None:
        return entered
    if one.kind is Kind.GROUP:
        return with_what_was_said(one.inner, said, entered)
    if one.kind is Kind.ROWS:
        rows = zip(said, entered, strict=False)
        return [with_what_was_said(one.inner, *both) for both in rows] + entered[len(said) :]
    return said if _shown(one.kind, said) == _shown(one.kind, entered) else entered


def without_row(body: dict[str, Any], place: str) -> None:
    """Take one row out, as ``parcels.1`` names it; what is not there is nothing."""
    *path, last = place.split(".")
    at: Any = body
    for part in path:
        at = at.get(part) if isinstance(at, dict) else at[int(part)] if _has(at, part) else None
    if _has(at, last):
        del at[int(last)]


def _has(rows: Any, number: str) -> bool:
    return isinstance(rows, list) and number.isdecimal() and int(number) < len(rows)


def _under(at: str, name: str) -> str:
    return f"{at}.{name}" if at else name
