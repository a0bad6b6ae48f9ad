"""Every field of run.json and verdict.json, read from the models: a compact table for the README, and their JSON Schemas."""

from __future__ import annotations

import json
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel

from contracts.run import Run
from reports.formats.brief import Brief

FILES: dict[str, type[BaseModel]] = {"run.json": Run, "verdict.json": Brief}
FOLDER = Path(__file__).resolve().parents[3] / "reports" / "schemas"


def schemas() -> dict[Path, str]:
    """Where each schema is published, and what it says."""
    return {
        FOLDER / f"{name.removesuffix('.json')}.schema.json": json.dumps(schema(name), indent=1) + "\n"
        for name in FILES
    }


def schema(name: str) -> dict[str, Any]:
    """Of the file as it is written: every field is there, also one with a default."""
    made = FILES[name].model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **made}


def rows() -> list[tuple[str, str, str]]:
    """(place, what it is, `field` type, …) of every object of both files, each model where it stands first."""
    found: list[tuple[str, str, str]] = []
    for name, model in FILES.items():
        found += _of(model, name, set())
    return found


def _of(model: type[BaseModel], place: str, seen: set[type[BaseModel]]) -> Iterator[tuple[str, str, str]]:
    if model in seen:
        return
    seen.add(model)
    told = []
    inside: list[tuple[type[BaseModel], str]] = []
    for field, info in model.model_fields.items():
        shown = info.serialization_alias or info.alias or field
        told.append(f"`{shown}` {_word(info.annotation)}")
        end = place if place not in FILES else ""
        inside += [
            (nested, f"{end}.{shown}{'[]' if many else ''}".lstrip("."))
            for nested, many in _models(info.annotation)
        ]
    yield f"`{place}`", _sentence(model), ", ".join(told)
    for nested, where in inside:
        yield from _of(nested, where, seen)


def _sentence(model: type[BaseModel]) -> str:
    """The first sentence of its docstring; pydantic gives a model without one its base's."""
    words = " ".join((vars(model).get("__doc__") or "").split())
    return words.partition(". ")[0].rstrip(".")


def _models(annotation: Any) -> list[tuple[type[BaseModel], bool]]:
    """Models in a type, and whether there may be many."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return [(annotation, False)]
    many = get_origin(annotation) in (list, dict)
    return [(model, many or nested) for part in get_args(annotation) for model, nested in _models(part)]


def _word(annotation: Any) -> str:
    """
    >>> _word(list[str]), _word(float | None), _word(dict[str, int]), _word(Literal["a", "b"])
    ('string[]', 'number?', '{integer}', 'a|b')
    """
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is list:
        return f"{_word(parts[0])}[]"
    if origin is dict:
        return f"{{{_word(parts[1])}}}"
    if origin is Literal:
        return "|".join(map(str, parts))
    if origin in (Union, types.UnionType):
        some = [_word(part) for part in parts if part is not type(None)]
        return "/".join(dict.fromkeys(some)) + ("?" if type(None) in parts else "")
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return "object"
    return {str: "string", int: "integer", float: "number", bool: "boolean"}.get(annotation, "any")
