"""How often one address or account may ask for what is dear, or what nobody is to try out."""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address

_MOST_ASKERS = 10_000


class RateLimit:
    """A bucket for each who asks: so many at once, and as many again in a minute.

    In this process alone: several of them allow as many times more. What is remembered has an end; whoever
    was quiet longest is forgotten first.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = float(a_minute)
        self._a_second = a_minute / 60
        self._clock = clock
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def seconds_to_wait(self, asker: str) -> int:
        """0 where this address or account may ask now, and it has asked then; else when to come again."""
        now, one = self._clock(), _subscriber(asker)
        left, then = self._left.pop(one, (self._most, now))
        left = min(self._most, left + (now - then) * self._a_second)
        allowed = left >= 1
        self._left[one] = (left - 1 if allowed else left, now)
        if len(self._left) > _MOST_ASKERS:
            self._left.popitem(last=False)
        return 0 if allowed else math.ceil((1 - left) / self._a_second)


def _subscriber(address: str) -> str:
    """Of IPv6 the first half: the rest is the subscriber's own to choose."""
    try:
        parsed = ip_address(address)
    except ValueError:
        return address
    if not isinstance(parsed, IPv6Address):
        return address
    return str(parsed.ipv4_mapped or IPv6Address(int(parsed) >> 64 << 64))
