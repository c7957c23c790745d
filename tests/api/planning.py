"""Registers, plans and schemes for the API's tests: what a bureau has before it orders."""

from contextlib import AsyncExitStack
from typing import Any

import httpx
from fastapi import FastAPI

from law.vocabulary import Role
from messages.planning import NewCommission, NewScheme, PlanDraft
from messages.registers import BureauChange, BusinessChange, LaboratoryChange, PlatformChange
from tests.api.builders import Tokens, client_of

PLAN: dict[str, Any] = PlanDraft.model_json_schema()["example"]
SCHEME: dict[str, Any] = NewScheme.model_json_schema()["example"]
LABORATORY: dict[str, Any] = LaboratoryChange.model_json_schema()["example"]
PLATFORM: dict[str, Any] = PlatformChange.model_json_schema()["example"]
COMMISSION: dict[str, Any] = NewCommission.model_json_schema()["example"]
DISTRICT: dict[str, Any] = BureauChange.model_json_schema()["example"]
SELLER: dict[str, Any] = BusinessChange.model_json_schema()["example"]


class Bureau:
    """Callers in every role, and what they keep."""

    def __init__(self, application: FastAPI, tokens: Tokens, stack: AsyncExitStack) -> None:
        self._application, self._tokens, self._stack = application, tokens, stack

    async def caller(self, role: Role, sub: str | None = None, **claims: Any) -> httpx.AsyncClient:
        header = self._tokens.header(role, sub=sub or f"{role}-01", **claims)
        return await self._stack.enter_async_context(client_of(self._application, header))

    async def registers(self) -> None:
        """A laboratory, a platform, a seller and two bureaus, as in the examples."""
        supervisor = await self.caller(Role.SUPERVISOR)
        for address, change in (
            ("/laboratories/LAB-01", LABORATORY),
            ("/platforms/PT-01", PLATFORM),
            ("/businesses/J1", SELLER),
            ("/bureaus/QX-03", _district("西湖区")),
            ("/bureaus/QX-04", _district("滨江区")),
        ):
            answer = await supervisor.put(address, json=change)
            assert answer.status_code == 200, answer.text

    async def plan(self, **changes: Any) -> str:
        """Approved, under which schemes are drawn up."""
        return await self._approved("/plans", {"content": PLAN["content"] | changes})

    async def scheme(self, plan_id: str | None = None, **changes: Any) -> str:
        """Approved, under which is ordered."""
        content = SCHEME["content"] | changes
        body = {"plan_id": plan_id or await self.plan(), "content": content}
        return await self._approved("/schemes", body)

    async def commission(self, scheme_id: str, **changes: Any) -> str:
        """Approved, under which a subordinate bureau carries batches out."""
        content = COMMISSION["content"] | changes
        return await self._approved("/commissions", {"scheme_id": scheme_id, "content": content})

    async def _approved(self, address: str, body: dict[str, Any]) -> str:
        officer, approver = await self.caller(Role.OFFICER), await self.caller(Role.APPROVER)
        drafted = await officer.post(address, json=body)
        assert drafted.status_code == 201, drafted.text
        new: str = drafted.json()["id"]
        for who, act in ((officer, "submitted"), (approver, "approved")):
            answer = await who.post(f"{address}/{new}/{act}")
            assert answer.status_code == 200, answer.text
        return new


def _district(name: str) -> dict[str, Any]:
    entry = DISTRICT["entry"] | {
        "name": f"杭州市{name}市场监督管理局",
        "districts": [name],
        "registration": None,
    }
    return DISTRICT | {"entry": entry}
