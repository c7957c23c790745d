"""What the command says when it cannot go on: one sentence for people, and an exit code."""

from pathlib import Path


class CommandError(Exception):
    """Ends a command with ``sentence``; ``detail`` (such as the last log lines) is printed below it."""

    def __init__(self, sentence: str, *, detail: str = "", exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.detail = detail
        self.exit_code = exit_code


def last_lines(log: Path, start: int = 0, count: int = 15) -> str:
    """The end of a log from byte ``start`` on, for the sentence that says a part died."""
    try:
        with log.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(start, size - 16_384))
            text = file.read().decode("utf-8", "replace")
    except OSError:
        return ""
    return "\n".join(line[:300] for line in text.splitlines()[-count:])
