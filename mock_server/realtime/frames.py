"""What to answer to a client's frame: the decision table of the realtime document, without any I/O."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import msgspec

from contracts.spec.channel import Channel, Message
from mock_server import stamps
from mock_server.clock import SECOND
from mock_server.rules import Rules, Ruling

BAD_KEPT = 10


@dataclass(frozen=True, slots=True)
class FrameReply:
    """At most one of the two: a frame to send, or a close code with its reason.

    A frame is sent once and at once, unless a fault has it otherwise.
    """

    frame: str | None = None
    close: tuple[int, str] | None = None
    times: int = 1
    delay_ms: int = 0


SILENT = FrameReply()


class FrameJudge:
    """Judges the frames of one socket; remembers when the bad ones came."""

    __slots__ = ("_bad", "_known", "_ruling")

    def __init__(self, channel: Channel, ruling: Ruling) -> None:
        self._known: Mapping[str, Message] = channel.from_client
        self._ruling = ruling
        self._bad: deque[int] = deque(maxlen=BAD_KEPT)

    def judge(self, text: str | None, binary: bytes | None, now: int) -> FrameReply:
        """One of `text` and `binary` is None; `now` in microseconds."""
        rules = self._ruling.rules
        if _size_exceeds(text if text is not None else binary or b"", rules.ws_largest_message):
            return FrameReply(close=(rules.ws_close_large, "a message may have 64 KiB"))
        if text is None:
            return FrameReply(close=(rules.ws_close_binary, "text frames only"))
        try:
            value = msgspec.json.decode(text)
        except (msgspec.DecodeError, RecursionError, UnicodeEncodeError):
            return self._refused("BAD_JSON", "The frame is not JSON.", now)
        kind = value.get("type") if isinstance(value, dict) else None
        if not isinstance(kind, str):
            return self._refused("BAD_MESSAGE", "The frame has no type.", now)
        message = self._known.get(kind)
        if message is None:
            told = f"The type {kind[: rules.ws_type_repeated]} is not known here."
            if rules.ws_unknown_type_counts:
                return self._refused("UNKNOWN_TYPE", told, now)
            return FrameReply(frame=error("UNKNOWN_TYPE", told))
        found = message.violations(value)
        if found:
            return self._refused("BAD_MESSAGE", f"{found[0].pointer}: {found[0].message}"[:300], now)
        if kind == "heartbeat" or rules.ws_response_answered:
            return _pulse(rules, now, value["data"]["timestamp"])
        return SILENT

    def _refused(self, code: str, message: str, now: int) -> FrameReply:
        rules = self._ruling.rules
        while self._bad and now - self._bad[0] > rules.ws_bad_window * SECOND:
            self._bad.popleft()
        self._bad.append(now)
        if len(self._bad) >= rules.ws_bad_frames > 0:
            return FrameReply(close=(rules.ws_close_policy, "too many bad frames"))
        return FrameReply(frame=error(code, message)) if rules.ws_bad_frame_told else SILENT


def _pulse(rules: Rules, now: int, stamp: float) -> FrameReply:
    """The answer to a heartbeat."""
    if not rules.ws_heartbeat_answered:
        return SILENT
    told = heartbeat_response(rules, now, stamp if rules.ws_heartbeat_echo else 0)
    return FrameReply(frame=told, times=rules.ws_heartbeat_answers, delay_ms=rules.ws_heartbeat_answer_ms)


def _size_exceeds(message: str | bytes, limit: int) -> bool:
    """In bytes. Most texts are short: they need encoding only where characters could make up the size."""
    if isinstance(message, bytes) or len(message) > limit:
        return len(message) > limit
    return len(message) > limit // 4 and len(message.encode()) > limit


def frame(kind: str, data: dict[str, Any]) -> str:
    return msgspec.json.encode({"type": kind, "data": data}).decode()


def error(code: str, message: str) -> str:
    return frame("error", {"code": code, "message": message})


def heartbeat(rules: Rules, now: int) -> str:
    return frame("heartbeat", {"timestamp": _milliseconds(rules, now)})


def heartbeat_response(rules: Rules, now: int, echo: float) -> str:
    return frame("heartbeat_response", {"timestamp": _milliseconds(rules, now), "echo": int(echo)})


def sync_required(rules: Rules, since: int, reason: str) -> str:
    """`since` (microseconds) is the stamp from which a client that syncs misses nothing."""
    since += rules.ws_sync_stamp_shift
    stamp = since // 1000 if rules.ws_sync_stamp_number else stamps.text(since)
    return frame("sync_required", {"lastSyncTimestamp": stamp, "reason": reason})


def _milliseconds(rules: Rules, now: int) -> int:
    return now // 1000 // rules.ws_heartbeat_unit
