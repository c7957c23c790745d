"""The OpenAPI document and its page at /docs: in Chinese, and with no need of the internet."""

import re
from importlib.resources import files
from typing import Any

from fastapi import FastAPI, Request
from fastapi.openapi.docs import get_swagger_ui_html
from fastapi.openapi.utils import get_openapi
from fastapi.responses import HTMLResponse
from starlette.staticfiles import StaticFiles

from api.web.headers import only, page_policy
from api.web.problems import MEDIA_TYPE

_ASSETS = "/docs/assets"
_INLINE = re.compile(r"<script>(.*?)</script>", re.DOTALL)

DESCRIPTION = """杭州市网络交易商品质量抽查检验：每一个抽检批次从下单到办结的全过程。

- **办理步骤**：`POST /batches/{batch_no}/steps/{步骤}`。答复 200 为已受理；409 为不予受理并说明理由；
  202 为已登记、稍后作出决定，按 `Location` 查询。
- **重复提交**：请为每个步骤自带 `Idempotency-Key`（UUID），同一编号重复提交得到同一答复。
- **时间**用 RFC 3339（带时区），**日期**用 ISO 8601；期限按 Asia/Shanghai 计算，届满日24时届满。
- **错误**一律为 RFC 9457 问题说明（`application/problem+json`），`code` 固定不变，`detail` 为中文说明。
"""


def install(app: FastAPI) -> None:
    """Serve /openapi.json, /docs and the page's own assets."""
    static = str(files("fastapi_offline") / "static")
    app.mount(_ASSETS, StaticFiles(directory=static), name="docs-assets")

    @app.get("/docs", include_in_schema=False)
    async def page(request: Request) -> HTMLResponse:
        # Not the application around: FastAPI keeps each route's function for good, with all that it holds.
        shown = get_swagger_ui_html(
            openapi_url="/openapi.json",
            title=f"{request.app.title} · 接口说明",
            swagger_js_url=f"{_ASSETS}/swagger-ui-bundle.js",
            swagger_css_url=f"{_ASSETS}/swagger-ui.css",
            swagger_favicon_url=f"{_ASSETS}/favicon.png",
            swagger_ui_parameters={
                "docExpansion": "none",
                "defaultModelsExpandDepth": -1,
            },
        )
        shown.headers.update(_policy(bytes(shown.body).decode()))
        return shown

    def schema() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _schema(app)
        return app.openapi_schema

    app.openapi = schema  # type: ignore[method-assign]


def _policy(page: str) -> dict[str, str]:
    """Swagger writes styles as it goes and has its pictures in its stylesheet; it asks us alone."""
    scripts = " ".join(["'self'", *map(only, _INLINE.findall(page))])
    return page_policy(
        styles="'self' 'unsafe-inline'", scripts=scripts, further="img-src 'self' data:; connect-src 'self'; "
    )


def _schema(app: FastAPI) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        description=app.description,
        routes=app.routes,
        tags=app.openapi_tags,
    )
    models = document["components"]["schemas"]
    for operations in document["paths"].values():
        for operation in operations.values():
            for body in operation.get("requestBody", {}).get("content", {}).values():
                # Of several forms the first is shown.
                schema = body["schema"].get("oneOf", [body["schema"]])[0]
                if "$ref" in schema:
                    body["example"] = models[schema["$ref"].rpartition("/")[2]]["example"]
            for status, response in operation["responses"].items():
                content = response.get("content", {})
                if int(status) >= 400 and "application/json" in content:
                    content[MEDIA_TYPE] = content.pop("application/json")
    return document
