"""Validation errors in the field's own words: which field, and what is wrong with it, in Chinese."""

import re
import types
from collections.abc import Iterator, Sequence
from typing import Annotated, Any, Union, get_args, get_origin

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from pydantic import BaseModel, Tag, ValidationError

_WHOLE = "请求内容"
MOST_TOLD = 20
_LONGEST_TOLD = 200

# pydantic's error types → sentences; {names} come from the error's context.
_MESSAGES = {
    "missing": "缺少该项",
    "extra_forbidden": "没有这一项",
    "string_type": "应为文字",
    "string_unicode": "含有无法识别的字符",
    "string_too_long": "不能超过{max_length}个字",
    "int_type": "应为整数",
    "int_parsing": "应为整数",
    "int_parsing_size": "数字过大",
    "int_from_float": "应为整数",
    "float_type": "应为数字",
    "float_parsing": "应为数字",
    "finite_number": "应为有限的数字",
    "decimal_type": "应为数字",
    "decimal_parsing": "应为数字",
    "decimal_max_digits": "不能超过{max_digits}位数字",
    "decimal_max_places": "小数不能超过{decimal_places}位",
    "decimal_whole_digits": "整数部分不能超过{whole_digits}位",
    "greater_than": "应大于{gt}",
    "greater_than_equal": "应不小于{ge}",
    "less_than": "应小于{lt}",
    "less_than_equal": "应不大于{le}",
    "bool_type": "应为 true 或 false",
    "bool_parsing": "应为 true 或 false",
    "date_type": "应为日期，例如 2026-09-01",
    "date_parsing": "应为日期，例如 2026-09-01",
    "date_from_datetime_parsing": "应为日期，例如 2026-09-01",
    "date_from_datetime_inexact": "应为不带时刻的日期，例如 2026-09-01",
    "datetime_type": "应为时间，例如 2026-09-01T10:00:00+08:00",
    "datetime_parsing": "应为时间，例如 2026-09-01T10:00:00+08:00",
    "datetime_from_date_parsing": "应为时间，例如 2026-09-01T10:00:00+08:00",
    "datetime_object_invalid": "应为时间，例如 2026-09-01T10:00:00+08:00",
    "timezone_aware": "时间应写明时区，例如 2026-09-01T10:00:00+08:00",
    "timezone_offset": "时间应写明时区，例如 2026-09-01T10:00:00+08:00",
    "tuple_type": "应为列表",
    "list_type": "应为列表",
    "too_short": "至少应有{min_length}项",
    "too_long": "不能超过{max_length}项",
    "model_type": "应为对象",
    "model_attributes_type": "应为对象",
    "dict_type": "应为对象",
    "uuid_type": "应为 UUID，例如 0190a6c1-7b1e-7cc0-9f6e-000000000001",
    "uuid_parsing": "应为 UUID，例如 0190a6c1-7b1e-7cc0-9f6e-000000000001",
}
_PATTERNS = {r"^[0-9a-f]{64}$": "应为64位小写十六进制的 SHA-256 摘要"}
_CHOICE = re.compile(r"'([^']*)'")
_CHINESE = re.compile(r"[一-鿿]")


def sentences(errors: Sequence[Any], route: APIRoute) -> list[dict[str, str]]:
    """The first errors, each with its field's Chinese path, a JSON pointer and a sentence."""
    return [_sentence(error, route) for error in errors[:MOST_TOLD]]


def _sentence(error: Any, route: APIRoute) -> dict[str, str]:
    where, *path = error["loc"]
    if where == "body":
        body = route.body_field.field_info.annotation if route.body_field is not None else None
        forms = _forms(body)
        if path and path[0] in forms:
            # Which of several forms a body was read as is no part of what was sent.
            body, path = forms[path[0]], path[1:]
        names = _names(body, path)
        pointer = "".join(f"/{_escaped(part)}" for part in path)
    else:
        names = [_parameter(route, str(part)) for part in path]
        pointer = "".join(f"/{where}/{_escaped(part)}" for part in path)
    field = " › ".join(names) or _WHOLE
    return {"field": clipped(field), "pointer": clipped(pointer), "message": message(error)}


def field_message(model: type[BaseModel], error: ValidationError) -> str:
    """The first fault of something that was put together from a sheet, named as the form names it."""
    first = error.errors()[0]
    field = " › ".join(_names(model, first["loc"]))
    return clipped(f"{field}：{message(first)}" if field else message(first))


def field_problem(model: type[BaseModel], path: Sequence[str], told: str) -> dict[str, str]:
    """A judgement on one field, told as a fault of a form is."""
    pointer = "".join(f"/{_escaped(part)}" for part in path)
    return {"field": " › ".join(_names(model, path)), "pointer": pointer, "message": told}


def message(error: Any) -> str:
    """What is wrong, as one Chinese sentence; our own validators' sentences are kept."""
    kind: str = error["type"]
    context: dict[str, Any] = error.get("ctx") or {}
    if kind in ("value_error", "assertion_error"):
        own = clipped(str(context.get("error", "")))
        return own if _CHINESE.search(own) else "格式不正确"
    if kind == "string_too_short":
        shortest = context["min_length"]
        return "不能为空" if shortest == 1 else f"至少应有{shortest}个字"
    if kind in ("enum", "literal_error"):
        return "应为下列之一：" + "、".join(_CHOICE.findall(context["expected"]))
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(context["pattern"], "格式不正确")
    return _MESSAGES.get(kind, "不符合要求").format_map(context)


def _names(annotation: Any, path: Sequence[str | int]) -> list[str]:
    """Walk from a model along an error's location, collecting the fields' Chinese titles."""
    names: list[str] = []
    for part in path:
        inner = _unwrapped(annotation)
        if isinstance(part, int):
            names.append(f"第{part + 1}项")
            annotation = next(iter(get_args(inner)), None)
        elif isinstance(inner, type) and issubclass(inner, BaseModel) and part in inner.model_fields:
            field = inner.model_fields[part]
            names.append(field.title or part)
            annotation = field.annotation
        else:
            names.append(part)
            annotation = None
    return names


def _forms(annotation: Any) -> dict[str, Any]:
    """The models that a body may be read as, by their tags."""
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    return {
        one.tag: get_args(form)[0]
        for form in get_args(annotation)
        if get_origin(form) is Annotated
        for one in get_args(form)[1:]
        if isinstance(one, Tag)
    }


def _unwrapped(annotation: Any) -> Any:
    """``X`` of ``X | None`` and of ``Annotated[X, …]``."""
    while True:
        if get_origin(annotation) is Annotated:
            annotation = get_args(annotation)[0]
        elif get_origin(annotation) in (Union, types.UnionType):
            annotation = next(kind for kind in get_args(annotation) if kind is not type(None))
        else:
            return annotation


def _parameters(dependant: Dependant) -> Iterator[Any]:
    """A call's own, and those of what it depends on: several calls may ask one question."""
    yield from (*dependant.query_params, *dependant.path_params, *dependant.header_params)
    for inner in dependant.dependencies:
        yield from _parameters(inner)


def _parameter(route: APIRoute, name: str) -> str:
    for field in _parameters(route.dependant):
        if field.alias.lower() == name.lower():
            return f"{field.field_info.title}（{field.alias}）" if field.field_info.title else field.alias
    return name


def _escaped(part: str | int) -> str:
    return str(part).replace("~", "~0").replace("/", "~1")


def clipped(text: str) -> str:
    """A name the caller invented may be anything: what goes out is short, and valid UTF-8."""
    short = text if len(text) <= _LONGEST_TOLD else f"{text[:_LONGEST_TOLD]}…"
    return short.encode("utf-8", "replace").decode("utf-8")
