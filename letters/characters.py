"""Characters that every letter can be printed with, so that most need not be tried."""


def _gb2312(first: int, last: int) -> str:
    """The rows of GB/T 2312, by their lead bytes."""
    rows = (bytes([row, cell]) for row in range(first, last + 1) for cell in range(0xA1, 0xFF))
    return b"".join(rows).decode("gb2312", errors="ignore")


# ASCII, the signs and full-width letters of Chinese text, and its 6,763 common characters. None of them joins
# with the one before it, so each can be printed whatever stands beside it; a test prints them all.
ALWAYS = frozenset(map(chr, range(0x20, 0x7F))) | set("\n") | set(_gb2312(0xA1, 0xA3) + _gb2312(0xB0, 0xF7))
