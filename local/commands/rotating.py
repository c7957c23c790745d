"""``choujian keys rotate-evidence``: another root key for the evidence."""

from evidence import rotation
from evidence.keyring import NoRootKey, RootKeys
from evidence.profiles import SealBroken
from local.errors import CommandError
from settings import Settings
from store.engine import make_engine
from store.evidence.wrapping import needed_roots


async def rotate(settings: Settings) -> str:
    """What is to be told; raises ``CommandError`` where a root key is missing."""
    engine = make_engine(settings.database_url or "", pool_size=2)
    try:
        root, done = await rotation.rotate(engine, RootKeys(settings.evidence_keys_folder))
        others = sorted(await needed_roots(engine) - {root})
    except NoRootKey as error:
        raise CommandError(f"读不了根密钥 {error}。") from None
    except SealBroken:
        raise CommandError("有文件的密钥无法打开：根密钥与数据库不是同一套。") from None
    finally:
        await engine.dispose()
    told = f"现在使用的根密钥：{root}；重新包裹了{done}个文件的密钥。"
    if others:
        return f"{told}仍有文件需要：{'、'.join(others)}；请再次运行。"
    return f"{told}此前的根密钥，现在的数据不再需要；更早的数据库备份仍然需要，备份到期之后方可销毁。"
