"""How values travel: pydantic messages, as JSON that the Temporal pages can show."""

from itertools import count
from typing import Any, Generic, TypeVar
from weakref import WeakValueDictionary

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter, EncodingPayloadConverter

T = TypeVar("T")


class InMemory(Generic[T]):
    """The argument of a local activity, which runs in the workflow's own process: handed over as it is.

    Such an argument is not in history, so a replay neither writes nor reads it. Whoever waits for the
    activity holds the value; with it the value goes.
    """

    def __init__(self, value: T) -> None:
        self.value = value


class _InMemoryConverter(EncodingPayloadConverter):
    encoding = "memory/choujian"

    def __init__(self) -> None:
        self._held: WeakValueDictionary[bytes, InMemory[Any]] = WeakValueDictionary()
        self._numbers = count(1)

    def to_payload(self, value: Any) -> Payload | None:
        if not isinstance(value, InMemory):
            return None
        number = str(next(self._numbers)).encode()
        self._held[number] = value
        return Payload(metadata={"encoding": self.encoding.encode()}, data=number)

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ARG002 (as it is)
        return self._held[payload.data]


_CONVERTERS = (_InMemoryConverter(), *PydanticPayloadConverter().converters.values())


class _MessageConverter(CompositePayloadConverter):
    """The SDK makes a payload converter for every workflow, and one more for every task that goes in or out.

    All of ours share what is dear to make: the pydantic converter with the types it has learnt to read.
    """

    def __init__(self) -> None:
        super().__init__(*_CONVERTERS)


DATA_CONVERTER = DataConverter(payload_converter_class=_MessageConverter)
