"""One request and its fate, and many of them: the record that every judgement reads.

A sample of a load run and an element of a concurrent history are the same `Call`. Times are nanoseconds
of one monotonic clock. `due` is when the request should have been sent; latency counts from there, because
a client that was held up is part of what the user waited for.

    >>> call = Call(client="c1", operation="getContentItem", due=0, sent=5, done=30, outcome=Outcome.OK)
    >>> call.latency, call.service
    (30, 25)
    >>> decode(encode(call)) == call
    True
"""

import zlib
from collections.abc import Iterable, Iterator, Mapping
from enum import StrEnum
from sys import intern
from typing import Any

import msgspec
from msgspec.structs import force_setattr

from contracts.json_text import JsonError, value_of


class Outcome(StrEnum):
    """Jepsen's three: it happened, it did certainly not happen, nobody knows (a lost answer)."""

    OK = "ok"
    FAIL = "fail"
    INFO = "info"


OK, FAIL, INFO = Outcome.OK, Outcome.FAIL, Outcome.INFO
"""For loops over many calls: until Python 3.12 a member takes ten times as long to find by its enumeration."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a history with its times, its outcome and the facts that checkers read. `done` is None while nothing came
    back; a checker then takes it as concurrent with all that follows.

    `facts` holds what checkers need and nothing secret: `item`, `version` (answered), `base` (asked for), `code`, `etag`,
    `session`, `stamp`, `since`, `ids`, …
    """

    client: str
    operation: str
    due: int
    sent: int
    done: int | None
    outcome: Outcome
    first_byte: int | None = None
    status: int | None = None
    facts: Mapping[str, Any] = msgspec.field(default_factory=dict)

    @property
    def latency(self) -> int | None:
        """Due to last byte, ns."""
        return None if self.done is None else self.done - self.due

    @property
    def service(self) -> int | None:
        """Sent to last byte, ns: the number that most tools call latency."""
        return None if self.done is None else self.done - self.sent


History = tuple[Call, ...]


class HistoryError(ValueError):
    """A saved history that is not one: names the line."""


_encoder = msgspec.json.Encoder()
_canonical = msgspec.json.Encoder(order="sorted", enc_hook=lambda _: None)
"""What a document does not promise stands in an item as a value of no JSON type, and counts as null."""
_decoder = msgspec.json.Decoder(Call)


def digest(item: Mapping[str, Any]) -> str:
    """A short name for all that an item says at one version: equal content has equal names.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})
    True
    """
    return f"{zlib.crc32(_canonical.encode(item)):08x}"


def encode(call: Call) -> bytes:
    """One line of NDJSON, without its newline."""
    return _encoder.encode(call)


def decode(line: bytes | str) -> Call:
    """Operation and client come again in thousands of lines; each name is one object in memory, and found by its identity."""
    call: Call = value_of(line, _decoder)
    force_setattr(call, "operation", intern(call.operation))
    force_setattr(call, "client", intern(call.client))
    return call


def read(lines: Iterable[bytes | str]) -> Iterator[Call]:
    for number, line in enumerate(lines, 1):
        if line.strip():
            try:
                yield decode(line)
            except JsonError as error:
                raise HistoryError(f"line {number} is not a call: {error}") from None
