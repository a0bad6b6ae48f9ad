"""The frames of the channel: those that the server makes, and what it answers to a client's, without any I/O."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from contracts.spec.channel import Channel, Message
from mock_server import stamps
from mock_server.clock import SECOND
from mock_server.store.changes import Entry

BAD_KEPT = 10

BadFrames = deque[int]
"""When the bad frames of one socket came (µs)."""


class ServerFrames:
    """What the server says of itself, and of a committed change."""

    def content_updated(self, entry: Entry) -> str:
        return frame("content_updated", self.change(entry))

    def change(self, entry: Entry) -> dict[str, Any]:
        """A row of the change log as an event tells it."""
        return {
            "contentId": entry.item,
            "title": entry.title,
            "showNotification": entry.notify,
            "version": entry.version,
            "action": entry.action,
            "updatedAt": stamps.text(entry.stamp),
            "updatedBy": entry.actor,
        }

    def heartbeat(self, now: int) -> str:
        return frame("heartbeat", {"timestamp": self.milliseconds(now)})

    def heartbeat_response(self, now: int, echo: float) -> str:
        return frame("heartbeat_response", {"timestamp": self.milliseconds(now), "echo": int(echo)})

    def milliseconds(self, now: int) -> int:
        return now // 1000

    def sync_required(self, since: int, reason: str) -> str:
        """The frame that asks a client to sync. `since` (microseconds) is the stamp from which a client that syncs misses
        nothing."""
        return frame("sync_required", {"lastSyncTimestamp": stamps.text(since), "reason": reason})


@dataclass(frozen=True, slots=True)
class FrameReply:
    """What the server does about a frame. At most one of the two: a frame to send, or a close code with its reason."""

    frame: str | None = None
    close: tuple[int, str] | None = None


SILENT = FrameReply()


class FrameJudge:
    """The decision table of the realtime document."""

    def __init__(self, channel: Channel, frames: ServerFrames) -> None:
        self._known: Mapping[str, Message] = channel.from_client
        self._frames = frames

    def judge(self, bad: BadFrames, text: str | None, binary: bytes | None, now: int) -> FrameReply:
        """One of `text` and `binary` is None; `bad` are the socket's own; `now` in microseconds."""
        if _size_exceeds(text if text is not None else binary or b"", self.largest()):
            return self.too_large()
        if text is None:
            return self.binary()
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            return self.refused(bad, "BAD_JSON", "The frame is not JSON.", now)
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            return self.refused(bad, "BAD_MESSAGE", "The frame has no type.", now)
        message = self._known.get(kind)
        if message is None:
            return self.unknown(bad, kind, now)
        found = message.violations(value)
        if found:
            return self.refused(bad, "BAD_MESSAGE", f"{found[0].pointer}: {found[0].message}"[:300], now)
        return self.accepted(kind, value["data"], now)

    def largest(self) -> int:
        """Bytes of a message that pass."""
        return 65_536

    def too_large(self) -> FrameReply:
        return FrameReply(close=(1009, "a message may have 64 KiB"))

    def binary(self) -> FrameReply:
        return FrameReply(close=(1003, "text frames only"))

    def unknown(self, bad: BadFrames, kind: str, now: int) -> FrameReply:
        """It does not count as bad. Its error repeats not so much of the type that a token fits in."""
        return FrameReply(frame=error("UNKNOWN_TYPE", f"The type {kind[:50]} is not known here."))

    def accepted(self, kind: str, data: Mapping[str, Any], now: int) -> FrameReply:
        """A heartbeat is answered, an answer to ours is not."""
        return self.pulse(now, data["timestamp"]) if kind == "heartbeat" else SILENT

    def pulse(self, now: int, stamp: float) -> FrameReply:
        return FrameReply(frame=self._frames.heartbeat_response(now, stamp))

    # Bad frames

    def refused(self, bad: BadFrames, code: str, message: str, now: int) -> FrameReply:
        """The third bad frame within a minute closes."""
        while bad and now - bad[0] > self.bad_window() * SECOND:
            bad.popleft()
        bad.append(now)
        return self.closed_for_bad() if self.are_too_many(len(bad)) else self.told_bad(code, message)

    def bad_window(self) -> int:
        """Seconds within which bad frames add up."""
        return 60

    def are_too_many(self, bad: int) -> bool:
        return bad >= 3

    def told_bad(self, code: str, message: str) -> FrameReply:
        return FrameReply(frame=error(code, message))

    def closed_for_bad(self) -> FrameReply:
        return FrameReply(close=(1008, "too many bad frames"))


def _size_exceeds(message: str | bytes, limit: int) -> bool:
    """In bytes. Most texts are short: they need encoding only where characters could make up the size."""
    if isinstance(message, bytes) or len(message) > limit:
        return len(message) > limit
    return len(message) > limit // 4 and len(message.encode()) > limit


def frame(kind: str, data: dict[str, Any]) -> str:
    return msgspec.json.encode({"type": kind, "data": data}).decode()


def error(code: str, message: str) -> str:
    return frame("error", {"code": code, "message": message})
