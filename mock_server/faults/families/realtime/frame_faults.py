"""Faults of heartbeats, of replies to frames, and of closing sockets."""

import asyncio
from collections.abc import Mapping, MutableMapping
from dataclasses import replace
from functools import partial
from typing import Any

from mock_server.clock import SECOND, Clock
from mock_server.faults.families import entry
from mock_server.faults.families.realtime.held_frames import held, released
from mock_server.faults.fault import WrappedStep
from mock_server.faults.wrappers import at, result, returns, skipped
from mock_server.realtime.adapter import SocketAdapter
from mock_server.realtime.frames import SILENT, BadFrames, FrameJudge, FrameReply, ServerFrames, error
from mock_server.realtime.hub import Hub
from mock_server.realtime.socket import LiveSocket, Send
from mock_server.store.session_store import SessionStore

PAUSE = 0.05
"""Seconds that an error waits."""
_fault = partial(entry.wrapped, "realtime")


def _answers_heartbeat(reply: FrameReply) -> bool:
    return reply.frame is not None and '"heartbeat_response"' in reply.frame


async def _late(step: WrappedStep, socket: LiveSocket, reply: FrameReply, *, ms: int = 1500) -> None:
    if _answers_heartbeat(reply) and reply.frame is not None:
        held(step).hold(step.part(Clock).now() + ms * 1000, socket, reply.frame)
    else:
        await step(socket, reply)


async def _twice(step: WrappedStep, socket: LiveSocket, reply: FrameReply) -> None:
    for _ in range(2 if _answers_heartbeat(reply) else 1):
        await step(socket, reply)


async def _error_after_a_pause(step: WrappedStep, socket: LiveSocket, reply: FrameReply) -> None:
    if reply.close is None and reply.frame is not None and '"error"' in reply.frame:
        step.touch()
        asyncio.get_running_loop().call_later(
            PAUSE, socket.offer, reply.frame
        )  # nothing is sent after a close
    else:
        await step(socket, reply)


def _again_and_again(step: WrappedStep, socket: LiveSocket, now: int) -> None:
    beaten = socket.beaten
    step(socket, now)
    socket.beaten = beaten


def _always_answered(step: WrappedStep, kind: str, data: Mapping[str, Any], now: int) -> Any:
    return step.part(FrameJudge).heartbeat_reply(now, data["timestamp"])


def _closed_after_silence(step: WrappedStep, socket: LiveSocket, now: int) -> Any:
    if step.part(Hub).is_silent(socket, now):
        return 1000, "silence"
    return step(socket, now)


HEARTBEATS = (
    _fault("ws-heartbeat-dead", "W6", "Heartbeats are not answered.", "realtime.heartbeat-answered", "",
           at(FrameJudge.heartbeat_reply, returns(SILENT))),
    _fault("ws-heartbeat-late", "W6", "Heartbeats are answered late.", "realtime.heartbeat-answered", "",
           at(SocketAdapter.reply, _late), at(Hub.tick, released)),
    _fault("ws-heartbeat-twice", "W6", "A heartbeat is answered twice.",
           "realtime.heartbeat-answered realtime.frames-in-order", "", at(SocketAdapter.reply, _twice)),
    _fault("ws-heartbeat-echo-wrong", "R14", "The answer echoes 0.", "realtime.heartbeat-answered", "",
           at(FrameJudge.heartbeat_reply, lambda step, now, stamp: step(now, 0))),
    _fault("ws-heartbeat-seconds", "F10", "Heartbeats count seconds, not milliseconds.", "realtime.heartbeat-answered", "",
           at(ServerFrames.milliseconds, result(lambda milliseconds: milliseconds // 1000))),
    _fault("ws-heartbeat-not-sent", "R14", "The server sends no heartbeats.", "realtime.server-heartbeat", "",
           at(Hub.send_heartbeat, skipped)),
    _fault("ws-heartbeat-rare", "R14", "The server sends a heartbeat every two minutes.", "realtime.server-heartbeat", "",
           at(Hub.heartbeat_period, lambda step, *, seconds=120: seconds)),
    _fault("ws-heartbeat-flood", "R14", "From the first heartbeat on the server sends one after the other.", "realtime.server-heartbeat",
           "", at(Hub.send_heartbeat, _again_and_again)),
    _fault("ws-echo-loop", "R14", "A heartbeat_response is answered by another.", "realtime.no-ping-pong", "",
           at(FrameJudge.accepted, _always_answered)),
    _fault("ws-half-open", "R14", "A silent socket is never ended.", "realtime.silence-aborts", "",
           at(Hub.is_silent, returns(False))),
    _fault("ws-silence-clean", "R14", "A silent socket gets a clean close, so the guide's client stays away.",
           "realtime.silence-aborts", "", at(Hub.ending, _closed_after_silence)),
)  # fmt: skip


def _closes_with(code: int) -> Any:
    return result(lambda reply: replace(reply, close=(code, reply.close[1])))


def _whole_type(step: WrappedStep, bad: BadFrames, kind: str, now: int) -> FrameReply:
    return FrameReply(frame=error("UNKNOWN_TYPE", f"The type {kind} is not known here."))


def _unknown_is_bad(step: WrappedStep, bad: BadFrames, kind: str, now: int) -> Any:
    return step.part(FrameJudge).refused(bad, "UNKNOWN_TYPE", f"The type {kind[:50]} is not known here.", now)


def _with_the_user(step: WrappedStep, sessions: frozenset[str]) -> list[LiveSocket]:
    """All sockets of the users whose session has ended."""
    found = map(step.part(SessionStore).account_of, sessions)
    users = {account.id for account in found if account is not None}
    ended: list[LiveSocket] = step(sessions)
    return ended + [one for one in step.part(Hub).sockets if one.claims.sub in users and one not in ended]


def _with_the_token(step: WrappedStep, socket: LiveSocket, now: int) -> Any:
    if now >= socket.claims.exp * SECOND and not step.part(Hub).is_silent(socket, now):
        return step.part(Hub).session_code(), "the token has expired"
    return step(socket, now)


def _in_binary(step: WrappedStep, claims: Any, send: Send, abort: Any) -> Any:
    async def sends(event: MutableMapping[str, Any]) -> None:
        text = event.get("text")
        await send(event if text is None else {"type": "websocket.send", "bytes": text.encode()})

    return step(claims, sends, abort)


CLOSING = (
    _fault("ws-binary", "R14", "Messages are sent in binary frames.", "realtime.messages", "", at(Hub.join, _in_binary)),
    _fault("ws-close-binary-wrong", "R16", "A binary frame is closed with 1008.", "frames.rfc6455", "",
           at(FrameJudge.binary, _closes_with(1008))),
    _fault("ws-close-large-wrong", "R16", "A large frame is closed with 1008.", "frames.rfc6455", "",
           at(FrameJudge.too_large, _closes_with(1008))),
    _fault("ws-close-policy-wrong", "R16", "The third bad frame is closed with 1002.", "frames.third-bad-closes", "",
           at(FrameJudge.close_reply, _closes_with(1002))),
    _fault("ws-close-session-wrong", "R13", "A logout closes with 1000.", "realtime.logout-closes", "",
           at(Hub.session_code, returns(1000))),
    _fault("ws-close-restart-wrong", "R15", "A restart closes with 1011.", "realtime.restart-closes", "",
           at(Hub.restart_code, returns(1011))),
    _fault("ws-large-accepted", "R16", "Frames of 1 MiB pass.", "frames.rfc6455", "",
           at(FrameJudge.largest, returns(1 << 20))),
    _fault("ws-large-limit-low", "R16", "Frames over 4 KiB are refused.", "frames.rfc6455", "",
           at(FrameJudge.largest, returns(4096))),
    _fault("ws-bad-frame-closes", "R16", "The first bad frame closes the socket.", "frames.third-bad-closes", "",
           at(FrameJudge.are_too_many, returns(True))),
    _fault("ws-close-loses-answers", "R16", "Errors that wait to be sent are lost in the close.", "frames.third-bad-closes", "",
           at(SocketAdapter.reply, _error_after_a_pause)),
    _fault("ws-bad-frames-endless", "R16", "Bad frames never close the socket.", "frames.third-bad-closes", "",
           at(FrameJudge.are_too_many, returns(False))),
    _fault("ws-bad-frames-remembered", "R16", "Bad frames of the last hour add up.", "frames.bad-count-forgets", "",
           at(FrameJudge.bad_window, returns(3600))),
    _fault("ws-error-repeats-type", "R11", "The error for an unknown type repeats all of it.", "frames.errors-tell-no-token", "",
           at(FrameJudge.unknown, _whole_type)),
    _fault("ws-bad-frame-silent", "R16", "A bad frame is not answered.", "frames.texts", "",
           at(FrameJudge.error_reply, returns(SILENT))),
    _fault("ws-unknown-type-counts", "R16", "Frames of unknown type count as bad.", "frames.third-bad-closes", "",
           at(FrameJudge.unknown, _unknown_is_bad)),
    _fault("ws-logout-keeps-socket", "W7", "A socket outlives its session.",
           "realtime.logout-closes realtime.reuse-closes realtime.device-login-closes realtime.many-sockets", "",
           at(Hub.of_ended, returns([]))),
    _fault("ws-logout-closes-user", "W7", "A logout closes all the user's sockets.", "realtime.logout-closes", "",
           at(Hub.of_ended, _with_the_user)),
    _fault("ws-expiry-closes", "R13", "A socket ends with the access token that opened it.", "realtime.outlives-token", "",
           at(Hub.ending, _with_the_token)),
)  # fmt: skip
