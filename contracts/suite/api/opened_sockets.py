"""Context managers for the sockets of checks, which close them at the end of the block."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote

from contracts.suite.api.api import Api
from contracts.suite.realtime.handshake_fields import upgrade
from contracts.suite.realtime.raw_socket import RawSocket
from contracts.suite.realtime.recording_socket import RecordingSocket

OPEN = ("realtime",)
WRITES = ("realtime", "write")


@contextmanager
def sockets(*apis: Api) -> Iterator[list[RecordingSocket]]:
    """An open socket for each account."""
    opened: list[RecordingSocket] = []
    try:
        # One by one, so that those that opened are closed even if the next one is refused.
        opened.extend(RecordingSocket(api.target, api.session) for api in apis)
        yield opened
    finally:
        for one in opened:
            one.close()


@contextmanager
def raw(
    api: Api, headers: Mapping[str, str] | None = None, query: str = "", **more: Any
) -> Iterator[RawSocket]:
    made = RawSocket(api.target, headers, query, **more)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def with_token(api: Api, **more: str) -> Iterator[RawSocket]:
    """A raw socket with the token in the query, as the guide's clients send it. `more` are header fields of the handshake."""
    with raw(api, upgrade(**more), f"?token={quote(api.session.access)}") as made:
        yield made
