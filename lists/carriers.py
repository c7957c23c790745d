"""What a carrier's words mean for a letter: read by tables that an installation may add to."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lists.carrier_words import CarrierCodes, CarrierWords, shipped_words, words_of
from lists.columns import POSTING_REQUIRED, RECEIPT_REQUIRED, Column, Columns, PostResult, folded
from lists.faults import CellFault

_LONGEST_STATUS = 500


@dataclass(frozen=True)
class Said:
    """What one row of a carrier's list says; ``unread``: in columns that nobody reads, with their titles."""

    results: Sequence[str]
    signers: Sequence[str] = ()
    reasons: Sequence[str] = ()
    unread: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True)
class PostReading:
    """What follows for a letter; ``because``: what says so, where that is not the status by itself."""

    result: PostResult
    because: str | None = None


class Carriers:
    """The tables, ready to read with."""

    def __init__(self, *tables: CarrierWords) -> None:
        """What a later table says of a word counts."""
        passed_over = _all(table.passed_over for table in tables)
        self.posting_columns = Columns(_columns(table.posting_columns for table in tables), POSTING_REQUIRED)
        receipts = _columns(table.receipt_columns for table in tables)
        self.receipt_columns = Columns(receipts, RECEIPT_REQUIRED, passed_over)
        self._whole: dict[str, PostResult] = {}
        self._within: dict[str, PostResult] = {}
        for table in tables:
            for result, words in table.results.items():
                self._whole |= dict.fromkeys(map(folded, words.whole), result)
                self._within |= dict.fromkeys(map(folded, words.within), result)
        self._codes = {
            name: {
                folded(code): word for table in tables for code, word in getattr(table.codes, name).items()
            }
            for name in CarrierCodes.model_fields
        }
        self._unclear = _all(table.unclear for table in tables)
        self._senders = _all(table.senders for table in tables)
        self._mail_rooms = _all(table.mail_rooms for table in tables)
        self._units = _all(table.units for table in tables)
        self._not_returned = _all(table.not_returned for table in tables)
        self._no = _all(table.no for table in tables)
        self._back = _all(table.back for table in tables)

    def read(
        self, said: Said, *, bureau: str, addressee: str, is_natural_person: bool = False
    ) -> PostReading:
        """What a row says of a letter from ``bureau`` to ``addressee``, whose own names are no signs.

        A delivery of which anything in the row says that it was one to the sender, or that the letter went
        back, is a return; one that somebody else took is an officer's to decide. Raises ``CellFault`` for a
        status that nobody knows, and for two that cannot both be.
        """
        results = [self._status(text) for text in said.results]
        result = min(results, key=list(PostResult).index)
        if result is PostResult.UNDER_WAY and PostResult.DELIVERED in results:
            raise CellFault(f"“{'”和“'.join(map(_shown, said.results))}”不能都对；请只留下最后的结果")
        if result in (PostResult.RETURNED, PostResult.LOST):
            return PostReading(result)
        if result is PostResult.UNDER_WAY:
            return self._said_to_come_back(said) or PostReading(result)
        found = [
            *self._by_reasons(said.reasons),
            *self._by_signers(said, folded(bureau), folded(addressee)),
            *self._by_mail_rooms(said, folded(addressee), is_natural_person=is_natural_person),
            *self._by_columns_beside(said.unread),
        ]
        strongest = min(found, key=lambda one: list(PostResult).index(one.result), default=None)
        if strongest is None or strongest.result not in (*_BACK, PostResult.ANOTHER):
            return PostReading(result)
        return strongest

    def _status(self, text: str) -> PostResult:
        if len(text) > _LONGEST_STATUS:
            raise CellFault(f"结果过长，应当不超过{_LONGEST_STATUS}字")
        result = self._meaning(text, "result")
        if result is None:
            raise CellFault(f"不认识的结果“{_shown(text)}”；请填妥投或者退回")
        return result

    def _meaning(self, text: str, of: str) -> PostResult | None:
        """By the whole text first, then by what is in it; None where nobody knows."""
        word = folded(self._codes[of].get(folded(text), text))
        if word in self._whole:
            return self._whole[word]
        bare = self._without_harmless(word)
        found = {result for phrase, result in self._within.items() if phrase in bare}
        for result in PostResult:
            if result is PostResult.ANOTHER and any(phrase in bare for phrase in self._unclear):
                return None
            if result in found:
                return result
        return None

    def _without_harmless(self, word: str) -> str:
        for harmless in self._not_returned:
            word = word.replace(harmless, "")
        return word

    def _says_no(self, text: str) -> bool:
        return self._without_harmless(folded(text)) in self._no | {""}

    def _says_back(self, text: str) -> bool:
        bare = self._without_harmless(folded(text))
        return any(word in bare for word in self._back)

    def _by_reasons(self, reasons: Sequence[str]) -> Iterator[PostReading]:
        """Why a letter did not arrive, unless that is of an attempt after which there was another."""
        for reason in reasons:
            if self._says_no(self._codes["reason"].get(folded(reason), reason)):
                continue
            result = self._meaning(reason, "reason") or PostResult.RETURNED
            if result not in (PostResult.UNDER_WAY, PostResult.DELIVERED):
                yield PostReading(result, f"退回原因“{_shown(reason)}”")

    def _by_signers(self, said: Said, bureau: str, addressee: str) -> Iterator[PostReading]:
        for text in (*said.signers, *said.results):
            of = "signer" if text in said.signers else "result"
            bare = folded(self._codes[of].get(folded(text), text)).replace(addressee, "")
            if any(sender in bare for sender in (self._senders | {bureau}) - {""}):
                yield PostReading(PostResult.RETURNED, f"由寄件人一方签收（“{_shown(text)}”）")
            elif (result := self._meaning(bare, of)) in (*_BACK, PostResult.ANOTHER):
                yield PostReading(result, f"签收情况“{_shown(text)}”")

    def _by_mail_rooms(self, said: Said, addressee: str, *, is_natural_person: bool) -> Iterator[PostReading]:
        """Who keeps a unit's stamp receives for that unit, and for nobody else."""
        for text in (*said.signers, *said.results):
            of = "signer" if text in said.signers else "result"
            word = folded(self._codes[of].get(folded(text), text))
            room = next((room for room in self._mail_rooms if room in word), None)
            if room is None:
                continue
            if is_natural_person:
                yield PostReading(PostResult.ANOTHER, f"受送达人是自然人，由单位签收（“{_shown(text)}”）")
            elif of == "signer" and self._names_another(word.replace(addressee, "").replace(room, "")):
                yield PostReading(PostResult.ANOTHER, f"由其他单位签收（“{_shown(text)}”）")

    def _names_another(self, rest: str) -> bool:
        """公司收发章 names nobody; a unit has a name of two characters at least."""
        return any(rest.find(unit, 2) > 0 for unit in self._units)

    def _by_columns_beside(self, unread: Sequence[tuple[str, str]]) -> Iterator[PostReading]:
        for title, text in unread:
            if self._says_no(text):
                continue
            result = PostResult.RETURNED if self._says_back(title) else self._meaning(text, "reason")
            if result in _BACK:
                yield PostReading(result, f"“{title}”一栏写有“{_shown(text)}”")

    def _said_to_come_back(self, said: Said) -> PostReading | None:
        """A letter that is under way may be on its way back."""
        for title, text in (*(("退回原因", reason) for reason in said.reasons), *said.unread):
            meant = self._codes["reason"].get(folded(text), text) if title == "退回原因" else text
            if self._says_back(meant):
                return PostReading(PostResult.RETURNED, f"“{title}”一栏写有“{_shown(text)}”")
        return None


_BACK = (PostResult.RETURNED, PostResult.LOST)


def read_carriers(file: Path | None) -> Carriers:
    """The shipped tables, and what an installation adds. Raises ``SettingFaulty``, which names the place."""
    return Carriers(shipped_words(), *([words_of(file)] if file else []))


def _columns(tables: Iterable[Mapping[Column, Sequence[str]]]) -> dict[Column, tuple[str, ...]]:
    """The names of each column, ours first; one that a later table gives to another column is that one's."""
    owner: dict[str, tuple[Column, str]] = {}
    for table in tables:
        for column, names in table.items():
            for name in names:
                key = folded(name)
                ours = owner.get(key, (column, name))[1]
                owner[key] = column, ours
    found: dict[Column, tuple[str, ...]] = {}
    for column, name in owner.values():
        found[column] = (*found.get(column, ()), name)
    return found


def _all(words: Iterable[Iterable[str]]) -> frozenset[str]:
    return frozenset(folded(word) for of in words for word in of) - {""}


def _shown(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:40]}…"
