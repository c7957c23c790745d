"""A route whose faults are told on a page; beside it, what leads a stranger to the sign-in."""

from collections.abc import Callable, Coroutine
from typing import Any
from urllib.parse import urlencode

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse
from fastapi.routing import APIRoute

from api.console.desk import SignInFirst, see_other
from api.console.pages import render
from api.web.problems import Problem, of_store, title_of
from store.errors import StoreError


class ConsoleRoute(APIRoute):
    """What the database or our own faults are, everybody's handlers tell; the rest is a page."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def told(request: Request) -> Response:
            try:
                return await handler(request)
            except Problem as problem:
                return fault(problem)
            except StoreError as error:
                return fault(of_store(error))
            except RequestValidationError:
                return fault(Problem(422, "invalid", "地址或者查询条件有误，请返回上一页重试。"))

        return told


def fault(problem: Problem) -> HTMLResponse:
    page = render("fault.html", problem.status, title=title_of(problem.status), problem=problem)
    page.headers.update(problem.headers or {})
    return page


def install(app: FastAPI) -> None:
    app.add_exception_handler(SignInFirst, _to_sign_in)


async def _to_sign_in(_request: Request, error: Exception) -> Response:
    assert isinstance(error, SignInFirst)
    return see_other(f"/console/sign-in?{urlencode({'then': error.then})}")
