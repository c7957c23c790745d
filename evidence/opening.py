"""The room that an installation's settings name."""

from sqlalchemy.ext.asyncio import AsyncEngine

from evidence.keyring import RootKeys
from evidence.objects import sealed_files
from evidence.profiles import Profile
from evidence.room import EvidenceRoom
from settings import Settings


def evidence_room(settings: Settings, engine: AsyncEngine) -> EvidenceRoom:
    folder, second = settings.evidence_folder, settings.evidence_second_place
    return EvidenceRoom(
        engine,
        RootKeys(settings.evidence_keys_folder),
        sealed_files(settings.evidence_place),
        folder / "incoming",
        Profile(settings.evidence_profile),
        None if second is None else sealed_files(second),
    )
