"""Transforms of finished responses: functions from a response to a changed copy, or to None.

`at` is a JSON Pointer into the body, in which `*` stands for every element of an array. A transform returns None if it has nothing to
change, so that the response does not count as touched.

    >>> drop("/data/*/version")(HttpResponse(200, [], b'{"data":[{"id":"a","version":1}]}')).body
    b'{"data":[{"id":"a"}]}'
"""

from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from mock_server.faults.fault import Transform
from mock_server.message import HttpResponse

Holder = dict[str, Any] | list[Any]


def drop(at: str) -> Transform:
    """Remove a member."""

    def change(holder: Holder, key: Any) -> None:
        del holder[key]

    return each(at, change)


def rename(at: str, name: str) -> Transform:
    def change(holder: Holder, key: Any) -> None:
        assert isinstance(holder, dict)
        holder[name] = holder.pop(key)

    return each(at, change)


def replace(at: str, make: Callable[[Any], Any]) -> Transform:
    """Replace each value by `make(value)`."""

    def change(holder: Holder, key: Any) -> None:
        holder[key] = make(holder[key])

    return each(at, change)


def each(at: str, change: Callable[[Holder, Any], None]) -> Transform:
    """Call `change(holder, key)` for every place of `at`."""
    steps = at.split("/")[1:]

    def transform(response: HttpResponse) -> HttpResponse | None:
        document = body(response)
        places = list(_places(document, steps))
        for holder, key in places:
            change(holder, key)
        return with_body(response, document) if places else None

    return transform


def whole(make: Callable[[Any], Any], *, where: Callable[[Any], bool] = bool) -> Transform:
    """Replace a body for which `where` holds by `make(document)`."""

    def transform(response: HttpResponse) -> HttpResponse | None:
        document = body(response)
        return with_body(response, make(document)) if where(document) else None

    return transform


def raw(make: Callable[[bytes], bytes]) -> Transform:
    """Change the bytes of a successful response's body."""

    def transform(response: HttpResponse) -> HttpResponse | None:
        if not response.body or response.status >= 400:
            return None
        return HttpResponse(response.status, list(response.headers), make(response.body))

    return transform


def status(wanted: int, instead: int, *, code: str = "") -> Transform:
    """Replace a status; with `code`, only of problems with this code. The status in the problem document is replaced, too."""

    def transform(response: HttpResponse) -> HttpResponse | None:
        if response.status != wanted:
            return None
        document = body(response)
        if code and (not isinstance(document, dict) or document.get("code") != code):
            return None
        if wanted >= 400 and isinstance(document, dict):
            return HttpResponse(instead, list(response.headers), _encode({**document, "status": instead}))
        return HttpResponse(instead, list(response.headers), b"" if instead in (204, 304) else response.body)

    return transform


def crash() -> Transform:
    """Replace a success by the response to an unhandled exception."""

    def transform(response: HttpResponse) -> HttpResponse | None:
        if response.status >= 400:
            return None
        text = b"Traceback (most recent call last):\nRuntimeError: simulated exception\n"
        return HttpResponse(500, [(b"content-type", b"text/plain")], text)

    return transform


def without_header(name: bytes, *, statuses: tuple[int, ...] = ()) -> Transform:
    return header(name, lambda value: None, statuses=statuses)


def header(
    name: bytes, make: Callable[[bytes], bytes | None], *, statuses: tuple[int, ...] = ()
) -> Transform:
    """Replace the value of a header field by `make(value)`; None removes the field."""

    def transform(response: HttpResponse) -> HttpResponse | None:
        value = response.header(name)
        if value is None or (statuses and response.status not in statuses):
            return None
        made = make(value)
        headers = [pair for pair in response.headers if pair[0] != name]
        return HttpResponse(
            response.status, headers + ([] if made is None else [(name, made)]), response.body
        )

    return transform


def added_header(name: bytes, value: bytes, *, statuses: tuple[int, ...]) -> Transform:
    def transform(response: HttpResponse) -> HttpResponse | None:
        if response.status not in statuses or response.header(name) is not None:
            return None
        return HttpResponse(response.status, [*response.headers, (name, value)], response.body)

    return transform


def body(response: HttpResponse) -> Any:
    """The JSON document of a response, or None."""
    try:
        return msgspec.json.decode(response.body)
    except msgspec.DecodeError:
        return None


def with_body(response: HttpResponse, document: Any) -> HttpResponse:
    return HttpResponse(response.status, list(response.headers), _encode(document))


def _encode(document: Any) -> bytes:
    return msgspec.json.encode(document)


def _places(node: Any, steps: list[str]) -> Iterator[tuple[Holder, Any]]:
    step, *rest = steps
    keys: list[Any] = []
    if isinstance(node, list) and step == "*":
        keys = list(range(len(node)))
    elif isinstance(node, dict) and step in node:
        keys = [step]
    for key in keys:
        if rest:
            yield from _places(node[key], rest)
        else:
            yield node, key
