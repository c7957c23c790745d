"""Whether the ports of the stack are free, said in one sentence where one is not."""

import errno
import secrets
import socket
from dataclasses import dataclass

from local.errors import CommandError
from settings import Settings

_NEVER_GIVEN_AWAY = range(16384, 32768)


@dataclass(frozen=True)
class Port:
    """A port, what it is for, and which variable changes it."""

    number: int
    purpose: str
    variable: str
    host: str = "127.0.0.1"


def api_port(settings: Settings) -> Port:
    return Port(settings.api_port, "API", "CHOUJIAN_API_PORT", settings.api_host)


def stack_ports(settings: Settings) -> list[Port]:
    return [
        api_port(settings),
        Port(settings.temporal_port, "Temporal", "CHOUJIAN_TEMPORAL_PORT"),
        Port(settings.ui_port, "Temporal 网页", "CHOUJIAN_UI_PORT"),
    ]


def require_free(ports: list[Port]) -> None:
    """Raise for the first port that is taken, by another program or by another of ``ports``."""
    seen: dict[int, Port] = {}
    for port in ports:
        if port.number in seen:
            other = seen[port.number]
            raise CommandError(
                f"端口 {port.number} 不能同时给 {other.purpose} 和 {port.purpose} 用："
                f"请改环境变量 {other.variable} 或 {port.variable}。"
            )
        seen[port.number] = port
        if not _is_free(port):
            raise CommandError(
                f"端口 {port.number}（{port.purpose}）已被别的程序占用：请关掉那个程序，"
                f"或用环境变量 {port.variable} 换一个端口，例如 {port.variable}={_another(port)}。"
            )


def free_port(host: str = "127.0.0.1") -> int:
    """Some port of this machine that nobody uses now. Raises ``OSError`` for an address that is not ours.

    Not one of those that the system gives away by itself (from 32768 on, or higher): between this question
    and its use somebody's outgoing connection could take it. By chance, so that two who ask get two.
    """
    while True:
        number = secrets.choice(_NEVER_GIVEN_AWAY)
        with socket.socket() as probe:
            try:
                probe.bind((host, number))
            except OSError as error:
                if error.errno == errno.EADDRINUSE:
                    continue
                raise
        return number


def _is_free(port: Port) -> bool:
    family = socket.AF_INET6 if ":" in port.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As servers do: a connection closed a moment ago does not make the port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((port.host, port.number))
        except OSError:
            return False
    return True


def _another(port: Port) -> int:
    """A port for the example in the sentence."""
    for number in range(port.number + 100, 65536, 100):
        if _is_free(Port(number, port.purpose, port.variable, port.host)):
            return number
    return free_port()
