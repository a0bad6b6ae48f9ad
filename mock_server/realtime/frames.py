"""What to answer to a client's frame: the decision table of the realtime document, without any I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from contracts.channel import Channel, Message
from mock_server.clock import SECOND

LARGEST = 64 * 1024
BAD_ALLOWED = 2
BAD_WINDOW = 60 * SECOND


@dataclass(frozen=True, slots=True)
class Reply:
    """At most one of the two: a frame to send, or a close code with its reason."""

    frame: str | None = None
    close: tuple[int, str] | None = None


SILENT = Reply()


class FrameJudge:
    """Judges the frames of one socket; remembers when the bad ones came."""

    __slots__ = ("_bad", "_known")

    def __init__(self, channel: Channel) -> None:
        self._known: Mapping[str, Message] = channel.from_client
        self._bad: deque[int] = deque(maxlen=BAD_ALLOWED)

    def judge(self, text: str | None, binary: bytes | None, now: int) -> Reply:
        """One of `text` and `binary` is None; `now` in microseconds."""
        if _size_exceeds(text if text is not None else binary or b"", LARGEST):
            return Reply(close=(1009, "a message may have 64 KiB"))
        if text is None:
            return Reply(close=(1003, "text frames only"))
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            return self._refused("BAD_JSON", "The frame is not JSON.", now)
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            return self._refused("BAD_MESSAGE", "The frame has no type.", now)
        message = self._known.get(kind)
        if message is None:
            return Reply(frame=error("UNKNOWN_TYPE", f"The type {kind[:50]} is not known here."))
        found = message.violations(value)
        if found:
            return self._refused("BAD_MESSAGE", f"{found[0].pointer}: {found[0].message}"[:300], now)
        if kind == "heartbeat":
            return Reply(frame=heartbeat_response(now, value["data"]["timestamp"]))
        return SILENT

    def _refused(self, code: str, message: str, now: int) -> Reply:
        if len(self._bad) == BAD_ALLOWED and now - self._bad[0] <= BAD_WINDOW:
            return Reply(close=(1008, "too many bad frames"))
        self._bad.append(now)
        return Reply(frame=error(code, message))


def _size_exceeds(message: str | bytes, limit: int) -> bool:
    """In bytes. Most texts are short: they need encoding only where characters could make up the size."""
    if isinstance(message, bytes) or len(message) > limit:
        return len(message) > limit
    return len(message) > limit // 4 and len(message.encode()) > limit


def frame(kind: str, data: dict[str, Any]) -> str:
    return msgspec.json.encode({"type": kind, "data": data}).decode()


def error(code: str, message: str) -> str:
    return frame("error", {"code": code, "message": message})


def heartbeat(now: int) -> str:
    return frame("heartbeat", {"timestamp": now // 1000})


def heartbeat_response(now: int, echo: float) -> str:
    return frame("heartbeat_response", {"timestamp": now // 1000, "echo": int(echo)})
