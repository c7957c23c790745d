"""What is aimed at, and whether it was reached: one row for each aim."""

from collections.abc import Iterable
from dataclasses import dataclass

from bench.evidence import Evidence
from bench.numbers import Numbers

_LEAST_TO_PLAIN = 1.2
_MOST_LONE_MS, _MOST_LONE_TO_PLAIN = 16.0, 1.0
_MOST_COLD_TO_PLAIN = 1.2
_MOST_REPLAY_TO_PLAIN = 1.2
_MOST_KB_A_BATCH = 200.0
_LEAST_TO_TIMERS = 0.5
_MOST_EVENTS = 90
_LEAST_TO_OPENSSL = 0.5
_MOST_MIB = 64
_MOST_BESIDE_UPLOADS = 1.5
_MOST_PAGE_MS, _MOST_PAGE_KB = 100, 60


@dataclass(frozen=True)
class Aim:
    what: str
    product: str
    beside: str
    aim: str
    reached: str
    met: bool


def aims(numbers: Numbers) -> Iterable[Aim]:
    """Every aim whose numbers were measured."""
    speeds, skipped = numbers.speeds, numbers.skipped
    product, plain = speeds.many["product"], speeds.many["plain"]
    to_plain = speeds.ratio("plain")
    yield Aim(
        f"batches/s, {speeds.in_flight} in flight",
        f"{product.batches_per_second:.2f}",
        f"{plain.batches_per_second:.2f}",
        f"≥ {_LEAST_TO_PLAIN} × (70 % of the floor)",
        f"{to_plain:.2f} × ({speeds.ratio('floor') * 100:.0f} %)",
        to_plain >= _LEAST_TO_PLAIN,
    )
    lone, plain_lone = speeds.lone["product"].p50_ms, speeds.lone["plain"].p50_ms
    yield Aim(
        "lone step, p50",
        f"{lone:.1f} ms",
        f"{plain_lone:.1f} ms",
        f"≤ {_MOST_LONE_MS:.0f} ms, ≤ {_MOST_LONE_TO_PLAIN} ×",
        f"{lone / plain_lone:.2f} ×",
        lone <= _MOST_LONE_MS and lone <= _MOST_LONE_TO_PLAIN * plain_lone,
    )
    if (rest := numbers.at_rest) is not None:
        cold, plain_cold = rest.cold_p50_ms["product"], rest.cold_p50_ms["plain"]
        yield _at_most("cold step, p50", cold, plain_cold, _MOST_COLD_TO_PLAIN)
    replay, plain_replay = skipped.replay.p50_ms, skipped.plain_replay.p50_ms
    yield _at_most("replay of the silent course, p50", replay, plain_replay, _MOST_REPLAY_TO_PLAIN)
    if rest is not None:
        weight = rest.kb_a_batch["product"]
        yield Aim(
            "a batch in the worker's cache",
            f"{weight:.0f} KB",
            f"{rest.kb_a_batch['plain']:.0f} KB",
            f"≤ {_MOST_KB_A_BATCH:.0f} KB",
            "",
            weight <= _MOST_KB_A_BATCH,
        )
    if (herd := skipped.herd) is not None:
        yield Aim(
            f"{herd.windows} windows of one midnight, decided/s",
            f"{herd.windows_per_second:.1f}",
            f"{herd.timers_per_second:.1f} (bare timers)",
            f"≥ {_LEAST_TO_TIMERS} ×",
            f"{herd.ratio:.2f} ×",
            herd.ratio >= _LEAST_TO_TIMERS,
        )
    events = skipped.silent.events
    yield Aim(
        "history events of the silent course",
        str(events),
        str(skipped.plain_replay.events),
        f"≤ {_MOST_EVENTS}",
        "",
        events <= _MOST_EVENTS,
    )
    if numbers.evidence is not None:
        yield from _of_evidence(numbers.evidence)
    if numbers.desk:
        slowest = max(numbers.desk, key=lambda page: page.p50_ms)
        largest = max(numbers.desk, key=lambda page: page.size)
        yield Aim(
            "slowest page of the desk, p50",
            f"{slowest.p50_ms:.0f} ms ({slowest.address})",
            "",
            f"≤ {_MOST_PAGE_MS} ms",
            "",
            slowest.p50_ms <= _MOST_PAGE_MS,
        )
        yield Aim(
            "largest page of the desk",
            f"{largest.size / 1024:.0f} KB ({largest.address})",
            "",
            f"≤ {_MOST_PAGE_KB} KB",
            "",
            largest.size <= _MOST_PAGE_KB * 1024,
        )


def _of_evidence(evidence: Evidence) -> Iterable[Aim]:
    rate = evidence.mb_per_second
    yield Aim(
        f"upload of {evidence.mib} MiB",
        f"{rate['upload']:.0f} MB/s",
        f"{rate['openssl']:.0f} MB/s (openssl), {rate['cp']:.0f} (cp)",
        f"≥ {_LEAST_TO_OPENSSL} × of openssl",
        f"{evidence.to_openssl:.2f} ×",
        evidence.to_openssl >= _LEAST_TO_OPENSSL,
    )
    yield Aim(
        "memory of the API for it",
        f"{evidence.memory_mib:.0f} MiB",
        "",
        f"≤ {_MOST_MIB} MiB",
        "",
        evidence.memory_mib <= _MOST_MIB,
    )
    yield Aim(
        f"lone step beside {evidence.at_once} uploads, p50",
        f"{evidence.beside_p50_ms:.1f} ms",
        f"{evidence.alone_p50_ms:.1f} ms (without them)",
        f"≤ {_MOST_BESIDE_UPLOADS} ×",
        f"{evidence.slower:.2f} ×",
        evidence.slower <= _MOST_BESIDE_UPLOADS,
    )


def _at_most(what: str, ours: float, theirs: float, ratio: float) -> Aim:
    """An aim on milliseconds, beside the plain way's."""
    reached = ours / theirs
    return Aim(
        what, f"{ours:.1f} ms", f"{theirs:.1f} ms", f"≤ {ratio} ×", f"{reached:.2f} ×", reached <= ratio
    )
