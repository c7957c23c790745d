"""Nobody decides on what he himself filed, in whatever role he calls: two people see to each such matter."""

from collections.abc import Collection

# Accounts that the system signs with itself; no person's token may carry one.
SYSTEM_ACCOUNTS = frozenset({"system", "temporal"})


def decides_on_own(account: str, filers: Collection[str]) -> bool:
    """Whether the account that decides is one of those that filed what is decided on."""
    return account in filers
