"""The frames of the server, and its replies to a client's frames, without I/O."""

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
"""The times of a socket's bad frames, in microseconds."""


class ServerFrames:
    """The frames that the server sends by itself: events, heartbeats and sync requests."""

    def content_updated(self, entry: Entry) -> str:
        return frame("content_updated", self.change(entry))

    def change(self, entry: Entry) -> dict[str, Any]:
        """The `data` of the event for a row of the change log."""
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
        """The frame that asks a client to sync. `since`, in microseconds, is the stamp from which a sync shows everything."""
        return frame("sync_required", {"lastSyncTimestamp": stamps.text(since), "reason": reason})


@dataclass(frozen=True, slots=True)
class FrameReply:
    """The reply to a frame: a frame to send, a close code with its reason, or nothing."""

    frame: str | None = None
    close: tuple[int, str] | None = None


SILENT = FrameReply()


class FrameJudge:
    """The decision about each frame of a client, by the realtime document."""

    def __init__(self, channel: Channel, frames: ServerFrames) -> None:
        self._known: Mapping[str, Message] = channel.from_client
        self._frames = frames

    def judge(self, bad: BadFrames, text: str | None, binary: bytes | None, now: int) -> FrameReply:
        """The reply to a frame, of which either `text` or `binary` is None. `bad` are the socket's bad frames; `now` is in microseconds."""
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
        """The most bytes of a message."""
        return 65_536

    def too_large(self) -> FrameReply:
        return FrameReply(close=(1009, "a message may have 64 KiB"))

    def binary(self) -> FrameReply:
        return FrameReply(close=(1003, "text frames only"))

    def unknown(self, bad: BadFrames, kind: str, now: int) -> FrameReply:
        """The reply to an unknown type, which is not a bad frame. It repeats too little of the type for a token."""
        return FrameReply(frame=error("UNKNOWN_TYPE", f"The type {kind[:50]} is not known here."))

    def accepted(self, kind: str, data: Mapping[str, Any], now: int) -> FrameReply:
        """The reply to a valid frame: a heartbeat is answered, a heartbeat_response is not."""
        return self.heartbeat_reply(now, data["timestamp"]) if kind == "heartbeat" else SILENT

    def heartbeat_reply(self, now: int, stamp: float) -> FrameReply:
        return FrameReply(frame=self._frames.heartbeat_response(now, stamp))

    # Bad frames

    def refused(self, bad: BadFrames, code: str, message: str, now: int) -> FrameReply:
        """The reply to a bad frame; the third within a minute closes the socket."""
        while bad and now - bad[0] > self.bad_window() * SECOND:
            bad.popleft()
        bad.append(now)
        return self.close_reply() if self.are_too_many(len(bad)) else self.error_reply(code, message)

    def bad_window(self) -> int:
        """The seconds for which a bad frame counts."""
        return 60

    def are_too_many(self, bad: int) -> bool:
        return bad >= 3

    def error_reply(self, code: str, message: str) -> FrameReply:
        return FrameReply(frame=error(code, message))

    def close_reply(self) -> FrameReply:
        return FrameReply(close=(1008, "too many bad frames"))


def _size_exceeds(message: str | bytes, limit: int) -> bool:
    """Whether a message is longer than `limit` bytes. A text is encoded only if its characters might take as many bytes."""
    if isinstance(message, bytes) or len(message) > limit:
        return len(message) > limit
    return len(message) > limit // 4 and len(message.encode()) > limit


def frame(kind: str, data: dict[str, Any]) -> str:
    return msgspec.json.encode({"type": kind, "data": data}).decode()


def error(code: str, message: str) -> str:
    return frame("error", {"code": code, "message": message})
