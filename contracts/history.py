"""`Call`, the record of one request with its times and outcome, and histories of calls, which all checkers read.

A sample of a load run and an element of a concurrent history are the same `Call`. Times are nanoseconds of one monotonic clock. `due` is
the time at which the request should have been sent; latency counts from it, because a user also waits while a client is held up.

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
    """The three outcomes of Jepsen: it happened, it certainly did not happen, or it is unknown (a lost answer)."""

    OK = "ok"
    FAIL = "fail"
    INFO = "info"


OK, FAIL, INFO = Outcome.OK, Outcome.FAIL, Outcome.INFO
"""The members for loops over many calls: before Python 3.12, access through the enumeration takes ten times as long."""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request of a history, with its times in ns, its outcome and the facts that checkers read.

    `done` is None if no answer came; checkers then treat the call as concurrent with all later ones. `facts` has what checkers need and no
    secrets: `item`, `version` (answered), `base` (asked for), `code`, `etag`, `session`, `stamp`, `since`, `ids`, …
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
        """Time from due to the last byte, ns."""
        return None if self.done is None else self.done - self.due

    @property
    def service(self) -> int | None:
        """Time from sent to the last byte, ns, which most tools call latency."""
        return None if self.done is None else self.done - self.sent


History = tuple[Call, ...]


class HistoryError(ValueError):
    """A saved history has an invalid line, which the message names."""


_encoder = msgspec.json.Encoder()
_canonical = msgspec.json.Encoder(order="sorted", enc_hook=lambda _: None)
"""`Unpromised` members of an item, which are not JSON, are encoded as null."""
_decoder = msgspec.json.Decoder(Call)


def digest(item: Mapping[str, Any]) -> str:
    """A short hash of an item's content, equal for equal content.

    >>> digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})
    True
    """
    return f"{zlib.crc32(_canonical.encode(item)):08x}"


def encode(call: Call) -> bytes:
    """One line of NDJSON, without its newline."""
    return _encoder.encode(call)


def decode(line: bytes | str) -> Call:
    """The call in one line of NDJSON. Raises JsonError. Operation and client are interned, because thousands of lines repeat them."""
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
