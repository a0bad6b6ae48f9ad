"""The check of the realtime channel by one client: it opens with the token in the query (S:1304) and answers a heartbeat (W6).

The sessions of `client_session` use HTTP only, so without this check a target with a broken channel would pass.
"""

import time

from gevent.event import Event

from contracts.dialect.channel_place import impossible
from contracts.spec import Spec
from contracts.verdict import Grade, Verdict
from load.http.target import Target
from load.realtime.channel_endpoint import ChannelEndpoint
from load.realtime.policies.protocol import Message, heartbeat
from load.realtime.websocket import WebSocket

OPENS, ANSWERS = 5.0, 5.0
"""Seconds that the guide's client waits for its socket to open (S:1338), and five times the limit of a heartbeat (W6)."""
ABSENT = frozenset({404, 405, 501})


class _ChannelListener:
    """A listener that records the socket's events."""

    def __init__(self) -> None:
        self.opens, self.answered, self.over = Event(), Event(), Event()
        self.flaw = self.end = ""
        self.status: int | None = None

    def opened(self, socket: int) -> None:
        self.opens.set()

    def refused(self, socket: int, status: int | None) -> None:
        self.status, self.end = status, f"the handshake is answered with {status or 'nothing'}"
        self._ended()

    def closed(self, socket: int, clean: bool, code: int) -> None:
        self.end = f"the socket was closed with {code}"
        self._ended()

    def received(self, socket: int, message: Message) -> None:
        if message.get("type") == "heartbeat_response":
            self.answered.set()

    def flawed(self, socket: int, reason: str) -> None:
        self.flaw = self.flaw or f"the target {reason}"
        self._ended()

    def _ended(self) -> None:
        for event in (self.opens, self.answered, self.over):
            event.set()


def look(spec: Spec, target: Target, token: str) -> Verdict:
    """The verdict `client.channel`: PASS, FAIL with its reason, or UNKNOWN if the target has no channel at this path."""
    if reason := impossible(spec, ()):
        return Verdict(check="client.channel", grade=Grade.UNKNOWN, reason=reason)
    channel, listener = ChannelEndpoint(spec, target), _ChannelListener()
    socket = WebSocket(0, lambda: channel.endpoint(token), listener)
    try:
        listener.opens.wait(OPENS)
        if not listener.over.is_set() and socket.is_open:
            socket.send(heartbeat(time.time()))
            listener.answered.wait(ANSWERS)
    finally:
        socket.abort()
    if listener.over.is_set():
        why = listener.flaw or listener.end
    elif not listener.opens.is_set():
        why = f"it does not open within {OPENS:g} s"
    else:
        why = "" if listener.answered.is_set() else f"a heartbeat has no answer after {ANSWERS:g} s"
    if not why:
        return Verdict(
            check="client.channel", grade=Grade.PASS, reason="it opens, and a heartbeat is answered"
        )
    grade = Grade.UNKNOWN if listener.status in ABSENT else Grade.FAIL
    return Verdict(check="client.channel", grade=grade, reason=f"{channel.path(token)}: {why}")
