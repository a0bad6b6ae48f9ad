"""The model answering by itself: the simplest server that there is, with counted ids and stamps.

For tests of testers: what it says is right by definition, so a check that turns red on it is wrong, and one that stays green
when its answers are spoilt has no power. One request at a time, always the first of the answers that the model allows.

    >>> ada = Caller(user="u-ada", workspace="w1")
    >>> ask = Request(operation="createContentItem", caller=ada, body={"title": "Hello"})
    >>> oracle, response = ModelServer().answer(ask)
    >>> response.status, response.headers["location"], response.body["data"]["updatedAt"]
    (201, '/content/items/c-0', '2026-01-01T00:00:00.001000Z')
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from contracts.model.messages import Caller, Request, Response
from contracts.model.model import outcomes
from contracts.model.unknown import Located, Partial, Unknown, shown
from contracts.model.workspace import Workspace, bind

__all__ = ["Caller", "ModelServer", "Request", "Response"]


@dataclass(frozen=True, slots=True)
class ModelServer:
    """A value, as the model is: an answer comes with the server after it."""

    spaces: Mapping[str, Workspace] = field(default_factory=dict)

    def answer(self, request: Request) -> tuple[ModelServer, Response]:
        """The next server and its answer; a request that the model does not judge is a KeyError."""
        name = request.caller.workspace
        outcome = next(iter(outcomes(self.spaces.get(name, Workspace()), request, None)))
        chosen: dict[Unknown, Any] = {}
        body = _filled(outcome.answer.body, outcome.space, chosen)
        headers = {n: _filled(v, outcome.space, chosen) for n, v in outcome.answer.headers.items()}
        # Nobody has seen the ids and stamps of what answered without them; the server knows them all the same.
        for item in outcome.space.items:
            for version in item.versions:
                _filled([version.id, dict(version.snapshot)], outcome.space, chosen)
        bound = bind(
            outcome.space, dict(sorted(chosen.items(), key=lambda pair: (pair[0].kind, pair[0].key)))
        )
        assert isinstance(bound, Workspace), bound
        response = Response(status=outcome.answer.status, headers=headers, body=body)
        return ModelServer({**self.spaces, name: bound}), response


def _filled(value: Any, space: Workspace, chosen: dict[Unknown, Any]) -> Any:
    if isinstance(value, Unknown):
        if value not in space.known and value not in chosen:
            chosen[value] = _choice(value, space)
        return space.known.get(value, chosen.get(value))
    if isinstance(value, Located):
        return f"/content/items/{_filled(value.item, space, chosen)}"
    if isinstance(value, Partial):
        problem = {"message": shown(value), "requestId": "r-1"} if "code" in value.members else {}
        return {**problem, **{n: _filled(v, space, chosen) for n, v in value.members.items()}}
    if isinstance(value, Mapping):
        return {name: _filled(member, space, chosen) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(member, space, chosen) for member in value]
    return value


def _choice(unknown: Unknown, space: Workspace) -> str:
    """Ids by number; stamps one millisecond apart, so that a sync's present fits in between."""
    if unknown.kind == "stamp":
        return _stamp((unknown.key + 1) * 1000)
    if unknown.kind == "present":
        return _stamp(space.stamps * 1000 + 1)
    return {"item": f"c-{unknown.key}", "version": f"c-{unknown.key}-v{unknown.part}"}.get(
        unknown.kind, "A sentence."
    )


def _stamp(micros: int) -> str:
    """A stamp so many microseconds after the start of 2026, less than a day."""
    seconds, micro = divmod(micros, 1_000_000)
    return f"2026-01-01T{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}.{micro:06}Z"
