"""Checks of heartbeats and of the lifetime of a socket (W6, W7)."""

import time

from contracts.suite.api.api import Api
from contracts.suite.api.opened_sockets import OPEN, WRITES, sockets
from contracts.suite.api.session_probes import control, refresh
from contracts.suite.contract_violation import ContractViolation, equal, expect
from contracts.suite.plugin.registry import family
from contracts.suite.realtime.recording_socket import SETTLE

check = family("realtime", requires=["realtime channel"])


@check("realtime.heartbeat-answered", "W6, R14", needs=OPEN)
def heartbeat_answered(api: Api) -> None:
    """A client's heartbeat is answered within 1 s by one heartbeat_response; an echo is its stamp."""
    with sockets(api) as (socket,):
        for number, stamp in enumerate((0, 1795336199958, 9007199254740991), 1):
            began = time.monotonic_ns()
            socket.send({"type": "heartbeat", "data": {"timestamp": stamp}})
            socket.wait(lambda number=number: len(socket.of("heartbeat_response")) >= number, 1.0)  # type: ignore[misc]
            answers = socket.of("heartbeat_response")
            expect(
                len(answers) == number,
                f"one heartbeat_response to the heartbeat of {stamp} within 1 s",
                [m.data for m in socket.messages],
            )
            expect(
                answers[-1].at - began < 1_000_000_000,
                "an answer within 1 s",
                f"{(answers[-1].at - began) / 1e9:.2f} s",
            )
            # A server may leave the echo out; a wrong one is worse than none.
            equal(answers[-1].data.get("echo", stamp), stamp, "echo")
            # A time of this century is more than 10^9 in seconds, more than 10^12 in milliseconds.
            echoed = answers[-1].data["timestamp"]
            expect(echoed > 10**12, "a timestamp in milliseconds", echoed)
        time.sleep(SETTLE)
        equal(len(socket.of("heartbeat_response")), 3, "number of answers to three heartbeats")


@check("realtime.no-ping-pong", "R14", needs=OPEN)
def no_ping_pong(api: Api) -> None:
    """A heartbeat_response is never answered."""
    with sockets(api) as (socket,):
        for _ in range(3):
            socket.send({"type": "heartbeat_response", "data": {"timestamp": 1}})
        socket.send({"type": "heartbeat", "data": {"timestamp": 7}})
        socket.await_("heartbeat_response")
        time.sleep(SETTLE)
        others = [
            m.type
            for m in socket.messages
            if m.type not in ("content_updated", "user_status_changed", "heartbeat")
        ]
        equal(others, ["heartbeat_response"], "answers to three responses and one heartbeat")


@check("realtime.frames-in-order", "R16", needs=OPEN)
def in_order(api: Api) -> None:
    """Frames that wait in a client's queue are answered in order, each once; an unknown type never closes."""
    with sockets(api) as (socket,):
        for number in range(30):
            socket.send({"type": "typing_started", "data": {"n": number}})
            socket.send({"type": "heartbeat", "data": {"timestamp": number}})
        socket.wait(lambda: len(socket.of("heartbeat_response")) >= 30)
        answers = socket.of("heartbeat_response")
        equal([m.data.get("echo", n) for n, m in enumerate(answers)], list(range(30)), "echoes")
        equal(len(socket.of("error", code="UNKNOWN_TYPE")), 30, "errors of unknown types")
        equal(socket.code, None, "close code")


@check("realtime.logout-closes", "W7, R13", needs=OPEN)
def logout_closes(api: Api) -> None:
    """A logout closes every socket of its session with 4401 within 1 s, and no other."""
    own, other = api.fresh(), api.fresh()
    with sockets(own, own, other) as (first, second, third):
        own.call("logout").must(200)
        for socket in (first, second):
            socket.await_close(4401, seconds=1.0)
        third.wait(lambda: third.code is not None, SETTLE)
        expect(third.ping() and third.code is None, "another session's socket to live", f"close {third.code}")


@check("realtime.reuse-closes", "R6, R13", needs=("realtime", "control", "alone"))
def reuse_closes(api: Api) -> None:
    """When reuse of a refresh token revokes the session, its sockets close with 4401."""
    own = api.fresh()
    with sockets(own) as (socket,):
        refresh(own, own.session.refresh).must(200)
        control(api).advance(11)
        refresh(own, own.session.refresh).must(401, "REFRESH_REUSED")
        socket.await_close(4401)


@check("realtime.device-login-closes", "R13", needs=OPEN)
def device_closes(api: Api) -> None:
    """A new login on the same device closes the old session's socket with 4401."""
    device = f"d-{api.word()}"
    own = api.fresh(deviceId=device, platform="android")
    with sockets(own) as (socket,):
        api.fresh(deviceId=device, platform="android")
        socket.await_close(4401)


@check("realtime.outlives-token", "R13", needs=("realtime", "control", "alone", "write"))
def outlives_token(api: Api) -> None:
    """A socket lives on when its access token expires: it belongs to the session."""
    own = api.fresh()
    clock = control(api)
    with sockets(own) as (socket,):
        for step in range(16):
            clock.advance(60)
            socket.send({"type": "heartbeat", "data": {"timestamp": step}})
            socket.wait(lambda step=step: len(socket.of("heartbeat_response")) > step)  # type: ignore[misc]
            expect(
                len(socket.of("heartbeat_response")) > step,
                "an answer to the heartbeat",
                f"close {socket.code}",
            )
        own.call("verifyToken").must(401, "TOKEN_EXPIRED")
        time.sleep(SETTLE)
        item = api.create()
        socket.await_("content_updated", contentId=item["id"])


@check("realtime.server-heartbeat", "R14, F10", needs=("realtime", "control", "alone"))
def server_heartbeat(api: Api) -> None:
    """The server sends a heartbeat every 30 s from the opening on, and none between."""
    clock = control(api)
    with sockets(api) as (socket,):
        time.sleep(SETTLE)
        equal(len(socket.of("heartbeat")), 0, "heartbeats before 30 s")
        for number in (1, 2):
            clock.advance(31)
            socket.wait(lambda number=number: len(socket.of("heartbeat")) >= number)  # type: ignore[misc]
            time.sleep(SETTLE)
            equal(len(socket.of("heartbeat")), number, f"heartbeats after {31 * number} s")
            socket.send({"type": "heartbeat_response", "data": {"timestamp": 1}})


@check("realtime.silence-aborts", "R14", needs=("realtime", "control", "alone"))
def silence(api: Api) -> None:
    """75 s without a text frame from the client cut TCP without a close frame; pings do not count."""
    clock = control(api)
    with sockets(api, api) as (silent, talking):
        for _ in range(4):
            clock.advance(20)
            silent.ping()
            talking.send({"type": "heartbeat_response", "data": {"timestamp": 1}})
            time.sleep(0.05)
        if api.has("frames"):
            silent.await_close(1006)
        else:
            # A proxy with frames of its own has no way to hand on a cut; that the socket ends is seen all the same.
            silent.wait(lambda: silent.close_code() is not None)
            expect(silent.close_code() is not None, "the end of a silent socket", "an open one")
        expect(
            talking.ping() and talking.code is None, "a socket that talks to live", f"close {talking.code}"
        )


@check("realtime.messages", "asyncapi", needs=WRITES)
def messages(api: Api) -> None:
    """Every message that any check received is one of the document's, with nothing missing and nothing more."""
    with sockets(api) as (socket,):
        item = api.create()
        socket.await_("content_updated", contentId=item["id"])
        socket.send({"type": "heartbeat", "data": {"timestamp": 1}})
        socket.await_("heartbeat_response")
        socket.send("{")
        socket.await_("error")
    if found := api.target.recorder.summed("realtime.messages"):
        fault, got = found
        raise ContractViolation(fault.finding.expected, got, finding=fault.finding)
