"""The unified social credit code (GB 32100): whether its check digit fits what it says."""

from stdnum.cn import uscc

from law.names import folded, is_unknown


def doubt_about(registration: str | None) -> str | None:
    """Why a code is more likely a slip than a code, in Chinese; None for a good one and where there is none.

    It warns and blocks nothing: what stands on a licence stands there, whoever mistyped it.
    """
    if registration is None or is_unknown(registration):
        return None
    plain = (folded(registration) or "").upper()
    if len(plain) != 18:
        return f"统一社会信用代码“{registration}”应为18位，请核对"
    if not uscc.is_valid(plain):
        return f"统一社会信用代码“{registration}”的校验位不符，请核对"
    return None
