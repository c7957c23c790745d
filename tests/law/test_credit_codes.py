"""The unified social credit code is doubted where its check digit fails; nothing is blocked by it."""

import pytest

from law.credit_codes import doubt_about


@pytest.mark.parametrize(
    "code", ["91330106MA2AAAAA02", "９１３３０１０６ｍａ２ａａａａａ０２", None, "/", "无"]
)
def test_a_good_code_and_none_at_all_are_not_doubted(code: str | None) -> None:
    """In any width and case."""
    assert doubt_about(code) is None


@pytest.mark.parametrize(
    ("code", "said"),
    [("91330106MA2AAAAA0X", "校验位不符"), ("91330106", "应为18位"), ("91330106MA2OAAAA02", "校验位不符")],
)
def test_a_slip_is_told(code: str, said: str) -> None:
    """A wrong check digit, a code too short, a letter that no code has."""
    assert said in (doubt_about(code) or "")
