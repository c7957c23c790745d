"""Which phases and periods of a batch its picture shows; what they look like is the picture's own matter."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from markupsafe import Markup

from api.console.picture import Bar, PhaseMark, Reached, picture
from law.calendar import day_in_shanghai
from law.vocabulary import Party, Phase, WaitKind
from messages.words import PARTIES, PHASES

_Said = Mapping[str, Any]
_MOST_DUTIES = 6
# A longer one, that of keeping evidence, would make all others vanish.
_LONGEST_DAYS = 200


def drawn(batch: _Said, waits: Iterable[_Said]) -> Markup:
    """``batch`` and ``waits`` as the API shows them; without waits, the phases alone."""
    closed = batch["phase"] == Phase.CLOSED
    today = None if closed else day_in_shanghai(datetime.fromisoformat(batch["clock"]))
    return picture(_stages(batch), _periods(waits), today)


def _stages(batch: _Said) -> list[PhaseMark]:
    came = {one["phase"]: day_in_shanghai(datetime.fromisoformat(one["at"])) for one in batch["phases"]}
    came[Phase.ORDERED] = day_in_shanghai(datetime.fromisoformat(batch["opened_at"]))
    phases = list(Phase)
    now = phases.index(Phase(batch["phase"]))

    def reached(number: int, phase: Phase) -> Reached:
        if number == now:
            return Reached.DONE if phase is Phase.CLOSED else Reached.NOW
        if number > now:
            return Reached.TO_COME
        return Reached.DONE if phase in came else Reached.PASSED_OVER

    return [PhaseMark(PHASES[one], reached(number, one), came.get(one)) for number, one in enumerate(phases)]


def _periods(waits: Iterable[_Said]) -> list[Bar]:
    """Each party's, run out or not, and the next of what is owed; duties of one title are one."""
    counted = [one for one in waits if one["last_day"] and one["starts_on"] and _days(one) <= _LONGEST_DAYS]
    rights = [one for one in counted if one["kind"] == WaitKind.RIGHT]
    titled: dict[str, list[_Said]] = {}
    for one in sorted(counted, key=lambda one: str(one["last_day"])):
        if one["kind"] == WaitKind.DUTY and one["state"] == "open":
            titled.setdefault(_brief(one["title"]), []).append(one)
    duties = [_duties(title, of) for title, of in list(titled.items())[:_MOST_DUTIES]]
    return [*(_right(one) for one in rights), *duties]


def _right(wait: _Said) -> Bar:
    return _period(f"{PARTIES[Party(wait['party'])]}：{_brief(wait['title'])}", wait)


def _duties(title: str, of: Sequence[_Said]) -> Bar:
    """The one that ends first stands for all."""
    return _period(title if len(of) == 1 else f"{title}（{len(of)}件）", of[0])


def _period(title: str, wait: _Said) -> Bar:
    return Bar(
        title=title,
        start=date.fromisoformat(wait["starts_on"]),
        last_day=date.fromisoformat(wait["last_day"]),
        right=wait["kind"] == WaitKind.RIGHT,
        open=wait["state"] == "open",
        late=wait["overdue"],
        provisional=wait["provisional"],
    )


def _brief(title: str) -> str:
    """Without what is said in brackets: about which letter, of which party."""
    return title.partition("（")[0]


def _days(wait: _Said) -> int:
    return (date.fromisoformat(wait["last_day"]) - date.fromisoformat(wait["starts_on"])).days
