"""`RecordingSocket`, a WebSocket client that keeps the received messages and checks them against the AsyncAPI document.

An invalid message is a finding like those of HTTP answers: `realtime.messages` reports it once, and not every check that received it.
"""

import contextlib
import json
import logging
import struct
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

import websockets.exceptions
import websockets.sync.client
from websockets.exceptions import InvalidStatus
from websockets.frames import CloseCode, Frame, Opcode
from websockets.protocol import Event
from websockets.sync.client import ClientConnection
from websockets.typing import Subprotocol

from contracts.dialect.channel_place import AUTHORIZATION, SUBPROTOCOL
from contracts.dialect.document_needs import promises
from contracts.json_text import loose_value_of
from contracts.network import unreachable
from contracts.network.tls import of_environment
from contracts.spec.channel import load
from contracts.suite.client.http_exchange import Exchange, HttpAnswer, HttpRequest, curl
from contracts.suite.client.transport import connected, trusted
from contracts.suite.contract_violation import (
    CHANNEL,
    OBSERVED,
    AnswerFinding,
    ContractViolation,
    Unreachable,
    beginning,
    read_aside,
)
from contracts.suite.realtime.handshake_fields import handshake_exchange, upgrade
from contracts.suite.world.accounts import AccountSession
from contracts.suite.world.target_client import TargetClient

WAIT = 3.0
"""Seconds to wait for an expected message."""
MOST_MESSAGES = 20_000
"""The most messages that one socket keeps. No check makes so many; if a target floods the channel, the older half is dropped."""
BROKEN = (CloseCode.PROTOCOL_ERROR, CloseCode.INVALID_DATA, CloseCode.MESSAGE_TOO_BIG)
"""The codes with which the library closes a socket whose server broke the protocol."""
LIBRARY_LOG = logging.getLogger(f"{__name__}.library")
LIBRARY_LOG.disabled = True  # it logs tracebacks of its own where a hostile server sends on after the end
OPENING = 10.0
SETTLE = 0.3
"""Seconds to wait for messages that must not come."""


class ReceivedMessage(NamedTuple):
    """A received message. `at` is its time in ns of the monotonic clock."""

    type: str
    data: dict[str, Any]
    at: int


class CloseFrameConnection(ClientConnection):
    """A connection that reports a close frame when it arrives; `recv` reports it only at the end of TCP."""

    close_frame: int | None = None
    on_close_frame: Callable[[], None] | None = None

    def process_event(self, event: Event) -> None:
        super().process_event(event)
        if isinstance(event, Frame) and event.opcode is Opcode.CLOSE:
            self.close_frame = struct.unpack("!H", event.data[:2])[0] if len(event.data) >= 2 else 1005
            if self.on_close_frame is not None:
                self.on_close_frame()


class RecordingSocket:
    """One open socket. A thread receives all messages from the opening on, so that none is missed."""

    def __init__(
        self,
        target: TargetClient,
        session: AccountSession,
        *,
        prefix: str | None = None,
        header: bool = False,
    ) -> None:
        self._target = target
        base = target.channel_base if prefix is None else f"{target.host}{prefix}"
        place = target.settings.channel
        query, headers = place.handshake(session.access)
        if header:
            query, headers = "", {AUTHORIZATION: f"Bearer {session.access}"}
        url = f"{'ws' + base[4:]}{place.path}{query}"
        offered = headers.pop(SUBPROTOCOL, "")
        request = HttpRequest(method="GET", url=f"{base}{place.path}{query}", headers=upgrade(**headers))

        def attempt() -> Exchange:
            return self._handshake(request, url, headers, offered)

        target.retry_after_429(attempt(), attempt)
        self.opened_at = time.monotonic_ns()
        self.messages: list[ReceivedMessage] = []
        self.code: int | None = None
        self.closed_at = 0
        self._news = threading.Condition()
        self._connection.on_close_frame = self._wake
        self._thread = threading.Thread(target=self._receive, daemon=True)
        self._thread.start()

    def _handshake(
        self, request: HttpRequest, url: str, headers: Mapping[str, str], offered: str
    ) -> Exchange:
        """The exchange of one handshake, after which the socket is open or the status is 429."""
        self.sent_at = time.monotonic_ns()
        OBSERVED.last_read = CHANNEL
        target = self._target
        try:
            wire = connected(url, OPENING, handshake=False)
        except OSError as error:
            raise Unreachable(unreachable.reason(error)) from None
        try:
            opening = websockets.sync.client.connect(
                url,
                sock=wire,
                additional_headers=headers,
                subprotocols=[Subprotocol(name) for name in offered.split(", ") if name] or None,
                open_timeout=OPENING,
                close_timeout=5,
                ping_interval=None,
                max_size=2**22,
                ssl=trusted(of_environment()) if url.startswith("wss") else None,
                proxy=None,
                logger=LIBRARY_LOG,
                create_connection=CloseFrameConnection,
            )
            # The library has only a context manager; this socket ends with `close`, in any thread.
            self._connection = cast("CloseFrameConnection", contextlib.ExitStack().enter_context(opening))
        except (OSError, ValueError, websockets.exceptions.WebSocketException) as error:
            # Of a redirect the library tells first why it cannot follow it; the status, which is the answer, is behind that.
            behind = error.__cause__ or error.__context__
            refused = behind if isinstance(behind, InvalidStatus) else error
            if type(refused) is ValueError:
                raise
            cause = f"{type(error).__name__}: {error}"
            if isinstance(refused, InvalidStatus):
                status, fields = refused.response.status_code, dict(refused.response.headers.raw_items())
                if status == 429:
                    return handshake_exchange(request, status, fields, self.sent_at)
                answer = handshake_exchange(
                    request, status, fields, self.sent_at, bytes(refused.response.body or b"")
                )
                with read_aside():
                    cause = target.recorder.judge.foreign_form(answer) or HttpAnswer(answer).summary()
            # A refusal can be due to what is not sent: some servers want an Origin, which only browsers send.
            sent = curl(request, target.recorder.secrets)
            raise ContractViolation("101 for a handshake with a good token", cause, shown=sent) from None
        return handshake_exchange(request, 101, {}, self.sent_at)

    def _wake(self) -> None:
        with self._news:
            self._news.notify_all()

    def _receive(self) -> None:
        while True:
            try:
                frame = self._connection.recv()
            except websockets.exceptions.ConnectionClosed as closed:
                if self.flaw:
                    self._blame("frames as RFC 6455 defines them", self.flaw, "frames")
                with self._news:
                    self.code = closed.rcvd.code if closed.rcvd else 1006
                    self.closed_at = time.monotonic_ns()
                    self._news.notify_all()
                return
            message = self._read(frame)
            with self._news:
                self.messages.append(message)
                if len(self.messages) > MOST_MESSAGES:
                    del self.messages[: MOST_MESSAGES // 2]
                self._news.notify_all()

    def _read(self, frame: str | bytes) -> ReceivedMessage:
        now = time.monotonic_ns()
        try:
            value = loose_value_of(frame)
            kind = str(value["type"])
        except (ValueError, KeyError, TypeError):
            self._blame("a JSON object with a type", beginning(frame), "")
            return ReceivedMessage("", {}, now)
        self._target.recorder.coverage.message("received", kind)
        if isinstance(frame, bytes):
            self._blame("a text message", "a binary one", "binary")
        known = load().from_server.get(kind)
        if known is None:
            self._blame("a documented message", f"the type {kind!r}", kind)
        else:
            for violation in known.violations(value):
                self._blame(
                    f"{kind} as documented", str(violation), f"{kind} {violation.pointer} {violation.rule}"
                )
        data = value.get("data")
        data = data if isinstance(data, dict) else {}
        dialect = self._target.dialect
        return ReceivedMessage(kind, data if dialect is None else dialect.event(data), now)

    def _blame(self, expected: str, got: str, key: str) -> None:
        if not promises(self._target.spec, "realtime channel"):
            return
        request = HttpRequest(
            method="GET", url=f"{self._target.channel_base}{self._target.settings.channel.path}"
        )
        exchange = Exchange(operation="", request=request, status=101, headers={}, body=b"", sent=0, done=0)
        self._target.recorder.blame(AnswerFinding("realtime.messages", "", key, expected, got), exchange)

    def send(self, value: Any) -> None:
        """Send an object as JSON, a text unchanged, or bytes as a binary frame."""
        frame = value if isinstance(value, str | bytes) else json.dumps(value)
        kind = value.get("type") if isinstance(value, Mapping) else None
        known = load().from_client.get(str(kind))
        if known is not None and known.is_valid(value):
            self._target.recorder.coverage.message("sent", known.type)
        with contextlib.suppress(websockets.exceptions.ConnectionClosed):
            self._connection.send(frame)

    def wait(self, holds: Callable[[], Any], seconds: float = WAIT) -> bool:
        """Whether the condition `holds` became true within `seconds`."""
        OBSERVED.last_read = CHANNEL
        until = time.monotonic() + seconds
        with self._news:
            while not holds():
                left = until - time.monotonic()
                if left <= 0:
                    return False
                self._news.wait(left)
        return True

    def of(self, kind: str, **data: Any) -> list[ReceivedMessage]:
        """The received messages of a type whose data has these members."""
        OBSERVED.last_read = CHANNEL
        return [
            message
            for message in list(self.messages)
            if message.type == kind and all(message.data.get(name) == value for name, value in data.items())
        ]

    def await_(self, kind: str, seconds: float = WAIT, **data: Any) -> ReceivedMessage:
        """The first such message. Raises ContractViolation if none comes in time."""
        if not self.wait(lambda: self.of(kind, **data) or self.code is not None, seconds) or not self.of(
            kind, **data
        ):
            idle = (self.closed_at - max([self.opened_at, *(m.at for m in self.messages)])) // 10**9
            after = f" after {idle} s without a message" if idle > 1 else ""
            ended = f" and the socket closed with {self.code}{after}" if self.code is not None else ""
            ended = f" and the socket was closed: {self.flaw}" if self.flaw else ended
            came = [message.type for message in self.messages[-5:]]
            raise ContractViolation(f"{kind} {data or ''} within {seconds:g} s".strip(), f"{came}{ended}")
        return self.of(kind, **data)[0]

    def await_count(self, count: int, kind: str, **data: Any) -> None:
        """Wait for `count` such messages. Raises ContractViolation if fewer come."""
        self.wait(lambda: len(self.of(kind, **data)) >= count or self.code is not None)
        came = len(self.of(kind, **data))
        if came < count:
            raise ContractViolation(f"{count} {kind} {data} within {WAIT:g} s", f"{came}")

    def await_close(self, *codes: int, seconds: float = WAIT) -> None:
        """Wait for a close frame with one of these codes; 1006 is a cut. Raises ContractViolation. TCP may end later, behind an
        intermediary."""
        wanted = f"close {' or '.join(map(str, codes))}"
        if not self.wait(lambda: self.close_code() is not None, seconds):
            raise ContractViolation(f"{wanted} within {seconds:g} s", "an open socket")
        if self.close_code() not in codes:
            raise ContractViolation(wanted, f"close {self.close_code()}")

    def close_code(self) -> int | None:
        """The code of the server's close frame; 1006 after a cut; None while the socket is open."""
        return self.code if self.code is not None else self._connection.close_frame

    @property
    def flaw(self) -> str:
        """What in the server's frames made the library close the socket; empty if nothing did."""
        sent = self._connection.protocol.close_sent
        ours = sent is not None and sent.code in BROKEN and not self._connection.protocol.close_rcvd
        return f"{sent.reason or 'they break it'} ({sent.code})" if sent and ours else ""

    def ping(self) -> bool:
        """Whether a protocol ping is answered."""
        OBSERVED.last_read = CHANNEL
        try:
            return self._connection.ping().wait(WAIT)
        except websockets.exceptions.ConnectionClosed:
            return False

    def close(self, code: int = 1000, reason: str = "") -> None:
        with contextlib.suppress(Exception):
            self._connection.close(code, reason)
        self._thread.join(5)
