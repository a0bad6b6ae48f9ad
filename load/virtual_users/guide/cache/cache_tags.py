"""The cache tags of one call: the templates of `x-cache-tags` in openapi.yaml, filled with its argument and result.

>>> [str(tag) for tag in concrete(["Content:LIST", "Content:{result.data[].id}"], {}, {"data": [{"id": "c-1"}]})]
['Content:LIST', 'Content:c-1']
>>> hits(Tag("Content"), Tag("Content", "c-1")), hits(Tag("Content", "c-1"), Tag("Content"))
(True, False)
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from contracts.spec import Spec


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag of RTK Query, `{type, id}`; the id may be missing."""

    type: str
    id: str | None = None

    def __str__(self) -> str:
        return self.type if self.id is None else f"{self.type}:{self.id}"


def hits(invalidated: Tag, provided: Tag) -> bool:
    """Whether an invalidated tag matches a provided one. A type alone matches all its tags; a tag with an id only itself."""
    return invalidated.type == provided.type and invalidated.id in (None, provided.id)


def concrete(templates: Iterable[str], arg: Mapping[str, Any], result: Any) -> tuple[Tag, ...]:
    """The tags of one call. `result` is None for a failed call, which has no tags that need a result."""
    return tuple(tag for template in templates for tag in _of(template, {"arg": arg, "result": result}))


def _of(template: str, scope: Mapping[str, Any]) -> Iterator[Tag]:
    kind, colon, name = template.partition(":")
    before, brace, rest = name.partition("{")
    if not colon:
        yield Tag(kind)
    elif not brace:
        yield Tag(kind, name)
    else:
        path, _, after = rest.partition("}")
        for value in _values(scope, path.split(".")):
            yield Tag(kind, f"{before}{value}{after}")


def _values(value: Any, path: list[str]) -> Iterator[Any]:
    if not path:
        if value is not None:
            yield value
        return
    step, *rest = path
    name = step.removesuffix("[]")
    # `result[].id` is the member `result`, then each element of that list.
    inner = value.get(name) if isinstance(value, Mapping) else None
    if not step.endswith("[]"):
        yield from _values(inner, rest)
    elif isinstance(inner, list):
        for element in inner:
            yield from _values(element, rest)


@dataclass(frozen=True, slots=True)
class TagTable:
    """The tags of every operation of a spec."""

    spec: Spec

    def provides(self, operation: str, arg: Mapping[str, Any], result: Any) -> tuple[Tag, ...]:
        cache = self.spec[operation].cache
        return concrete(cache.provides, arg, result) if cache else ()

    def invalidates(self, operation: str, arg: Mapping[str, Any], result: Any) -> tuple[Tag, ...]:
        cache = self.spec[operation].cache
        return concrete(cache.invalidates, arg, result) if cache else ()
