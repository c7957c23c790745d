"""How values travel: pydantic messages, as JSON that the Temporal pages can show."""

from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter

_CONVERTERS = tuple(PydanticPayloadConverter().converters.values())


class _MessageConverter(CompositePayloadConverter):
    """The SDK makes a payload converter for every workflow, and one more for every task that goes in or out.

    All of ours share what is dear to make: the pydantic converter with the types it has learnt to read.
    """

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)


DATA_CONVERTER = DataConverter(payload_converter_class=_MessageConverter)
