"""Connecting to Temporal, and what a namespace must have before a batch runs in it."""

from typing import Any

from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import AddSearchAttributesRequest, ListSearchAttributesRequest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey
from temporalio.service import RPCError, RPCStatusCode

from settings import Settings
from temporal.attributes import OUTCOME, OVERDUE, PHASE
from temporal.payloads import DATA_CONVERTER

KEYS: tuple[SearchAttributeKey[Any], ...] = (PHASE, OVERDUE, OUTCOME)


async def connect(settings: Settings) -> Client:
    """A client that speaks in our messages. Raises ``RuntimeError`` where Temporal cannot be reached."""
    return await Client.connect(
        settings.temporal_target,
        namespace=settings.temporal_namespace,
        data_converter=DATA_CONVERTER,
    )


async def ensure_search_attributes(client: Client) -> None:
    """Register what is missing; an unregistered attribute would wedge a batch's workflow."""
    listed = await client.operator_service.list_search_attributes(
        ListSearchAttributesRequest(namespace=client.namespace), retry=True
    )
    missing = {
        key.name: IndexedValueType.ValueType(key.indexed_value_type)
        for key in KEYS
        if key.name not in listed.custom_attributes
    }
    if not missing:
        return
    try:
        await client.operator_service.add_search_attributes(
            AddSearchAttributesRequest(namespace=client.namespace, search_attributes=missing), retry=True
        )
    except RPCError as error:
        if error.status is not RPCStatusCode.ALREADY_EXISTS:  # another process was quicker
            raise
