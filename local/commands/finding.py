"""Which settings a command works with: the environment's, and the running stack's where there is one.

What is needed is imported when it is needed: the small commands load this module too.
"""

from typing import TYPE_CHECKING

from local.errors import CommandError

if TYPE_CHECKING:
    from settings import Settings


def of_environment() -> "Settings":
    """What the environment says. Raises ``CommandError`` for a value that cannot be read."""
    from pydantic import ValidationError

    from settings import Settings

    try:
        return Settings()
    except ValidationError as error:
        wrong = "；".join(f"{'.'.join(map(str, e['loc']))}：{e['msg']}" for e in error.errors())
        raise CommandError(f"环境变量的值不对：{wrong}。", exit_code=2) from None


def of_stack() -> "Settings":
    """For commands that need database or Temporal. Raises ``CommandError`` where no stack is found."""
    from local.embedded.home import resolve

    return resolve(of_environment())


def of_api(token: str | None) -> "Settings":
    """For commands that only call the API: the running stack's, or the environment's for a given token.

    Without a token there has to be a stack: a token of the local issuer is good for no other.
    """
    try:
        return of_stack()
    except CommandError:
        if token is None:
            raise
        return of_environment()
