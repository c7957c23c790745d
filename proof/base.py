"""What everything told from the record is made of."""

from pydantic import BaseModel, ConfigDict


class Proven(BaseModel):
    """Something that follows from the record. It does not change; its fields have Chinese titles."""

    model_config = ConfigDict(frozen=True)
