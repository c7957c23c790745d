"""Somebody of a role at the desk, and what a person reads on a page."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import httpx
from fastapi import FastAPI

from law.vocabulary import Role
from tests.console.seats import page as tree
from tests.console.seats import person, seated, send

__all__ = ["at_desk", "said", "send", "tree"]


def at_desk(
    app: FastAPI, role: Role, sub: str | None = None
) -> AbstractAsyncContextManager[httpx.AsyncClient]:
    """One in this role, signed in; of LAB-01 where it is a laboratory's."""
    return seated(app, person(role, sub or f"around-{role}", f"测试{role}"), "网监处")


def said(page: Any, path: str = "//main") -> str:
    """The text that stands there, blanks as one."""
    return " ".join(" ".join(one.text_content() for one in page.xpath(path)).split())
