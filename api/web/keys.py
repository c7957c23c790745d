"""Idempotency keys: what a caller names a request by, so that it may be sent again."""

from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator

# Versions that are made by chance. Ids of the system's own steps are made from what they are about (version
# 5): nobody can take one beforehand, and have the step swallowed.
_BY_CHANCE = (4, 7)


def _made_by_chance(key: UUID) -> UUID:
    if key.version not in _BY_CHANCE:
        raise ValueError("应为随机产生的 UUID（第4版或第7版）")
    return key


Key = Annotated[UUID, AfterValidator(_made_by_chance)]
