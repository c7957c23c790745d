"""Another root key for everything: keys are wrapped anew, no file is sealed again. It can be interrupted."""

from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.keyring import RootKeys, WrappedKey
from evidence.profiles import Profile
from store.evidence import wrapping

_AT_ONCE = 500


async def rotate(engine: AsyncEngine, keys: RootKeys) -> tuple[str, int]:
    """The root key in use, and how many keys were put under it.

    One that was interrupted is finished first, with the root key that it had made. Raises ``NoRootKey`` and
    ``SealBroken``; nothing is then lost, for the root keys before are still there.
    """
    root = keys.current()
    if not await wrapping.under_others(engine, root, 1):
        root = keys.rotate()
    done = 0
    while found := await wrapping.under_others(engine, root, _AT_ONCE):
        for one in found:
            before = WrappedKey(Profile(one.profile), one.root_key, one.sealed_key)
            await wrapping.rewrap(engine, one, root, keys.rewrapped(one.file_id, before).sealed)
            done += 1
    return root, done
