"""The WebSocket channel as contracts/realtime.asyncapi.yaml describes it: its messages by direction and type, paths and objectives.

>>> channel = load()
>>> sorted(channel.from_client)
['heartbeat', 'heartbeat_response']
>>> channel.from_server["content_updated"].violations({"type": "content_updated", "data": {}})[0].rule
'required'
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import Any

import jsonschema_rs

from contracts.schema import Violation, pointer, rule
from contracts.spec.operation import Objective
from contracts.spec.source import document_text
from contracts.spec.source.references import resolved
from contracts.spec.source.spec_error import SpecError


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One type of message: `{"type": type, "data": {…}}`. Payload schemas are JSON Schema draft 7."""

    type: str
    title: str
    schema: Mapping[str, Any]
    examples: tuple[Any, ...]
    _validator: jsonschema_rs.Draft7Validator = field(repr=False, compare=False)

    def violations(self, frame: Any) -> tuple[Violation, ...]:
        return tuple(
            Violation(place="body", pointer=pointer(e.instance_path), rule=rule(e), message=e.message)
            for e in self._validator.iter_errors(frame)
        )

    def is_valid(self, frame: Any) -> bool:
        return self._validator.is_valid(frame)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """The WebSocket channel. `from_server` and `from_client` are messages by their `type`; `paths` are the URL paths of the channel."""

    from_server: Mapping[str, Message]
    from_client: Mapping[str, Message]
    paths: tuple[str, ...]
    objectives: Mapping[str, Objective]
    """The channel's `x-slo`: for a connect, for the answer to a heartbeat, and for the event of a write, from its response on."""


@lru_cache(maxsize=1)
def load() -> Channel:
    """The channel of our document. Raises SpecError if it cannot be read."""
    path = Path(__file__).parents[1] / "realtime.asyncapi.yaml"
    try:
        document = document_text.read(path.read_bytes(), name=path.name)
    except OSError as error:
        raise SpecError(f"cannot read {path.name}: {error.strerror}") from None
    return Channel(
        from_server=_messages(document, "send"),
        from_client=_messages(document, "receive"),
        paths=tuple(server["pathname"] for server in document["servers"].values()),
        objectives=MappingProxyType(
            {
                name: Objective.of(row)
                for channel in document["channels"].values()
                for name, row in channel.get("x-slo", {}).items()
            }
        ),
    )


def _messages(document: dict[str, Any], action: str) -> Mapping[str, Message]:
    """The messages of all operations with this action, except the one without a constant type, which stands for any other."""
    found: dict[str, Message] = {}
    for operation in document["operations"].values():
        replies = operation.get("reply", {}).get("messages", [])
        for reference in operation["messages"] if operation["action"] == action else replies:
            raw = resolved(document, reference, lambda place, what: SpecError(f"{place}: {what}"))
            kind = raw["payload"]["properties"]["type"].get("const")
            if kind is not None:
                found[kind] = _message(document, kind, raw)
    return MappingProxyType(found)


def _message(document: dict[str, Any], kind: str, raw: dict[str, Any]) -> Message:
    schema = {**raw["payload"], "components": {"schemas": document["components"]["schemas"]}}
    return Message(
        type=kind,
        title=raw.get("title", kind),
        schema=schema,
        examples=tuple(example["payload"] for example in raw.get("examples", [])),
        _validator=jsonschema_rs.Draft7Validator(schema, validate_formats=True),
    )
