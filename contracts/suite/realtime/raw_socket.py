"""`RawSocket`, a WebSocket client that can send any bytes, for handshakes and frames that no library sends."""

import contextlib
import os
import struct
import time
from collections.abc import Mapping
from urllib.parse import quote, urlsplit

from websockets.utils import apply_mask

from contracts.json_text import loose_value_of
from contracts.suite.client.answer_reader import AnswerReader, MalformedAnswer, OversizedAnswer
from contracts.suite.client.http_exchange import Exchange, HttpRequest
from contracts.suite.client.transport import CONNECT, connected
from contracts.suite.contract_violation import CHANNEL, OBSERVED, ContractViolation, beginning
from contracts.suite.realtime.handshake_fields import ACCEPT, handshake_exchange, upgrade
from contracts.suite.realtime.recording_socket import WAIT
from contracts.suite.world.accounts import AccountSession
from contracts.suite.world.control import ControlInterface
from contracts.suite.world.target_client import TargetClient

ANSWER = 5.0
"""The most seconds for the answer to a handshake."""
MOST = 16 << 20
"""The most bytes of a frame."""


class RawSocket:
    """A WebSocket connection. The handshake is sent at once, and again after a refusal for the rate; `status`, `headers` and `body` are its
    answer."""

    def __init__(
        self,
        target: TargetClient,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        *,
        prefix: str | None = None,
        method: str = "GET",
    ) -> None:
        place = target.settings.channel
        sent = place.placed(query, headers or {})
        base = target.channel_base if prefix is None else f"{target.host}{prefix}"
        parts, self._base = urlsplit(base), base
        lines = [f"{method} {parts.path}{place.path}{sent.query} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in sent.headers.items()]
        raw = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
        request = HttpRequest(method=method, url=f"{base}{place.path}{sent.query}", headers=sent.headers)
        self._held: bytes | None = None
        answered = target.retry_after_429(self._handshake(request, raw), lambda: self._repeated(request, raw))
        self.status, self.body = answered.status, answered.body
        self._target, self._answered = target, answered
        self.headers = {name.lower(): value for name, value in answered.headers.items()}

    def _repeated(self, request: HttpRequest, raw: bytes) -> Exchange:
        self.close()
        return self._handshake(request, raw)

    def _handshake(self, request: HttpRequest, raw: bytes) -> Exchange:
        self._socket, sent = connected(self._base, CONNECT), time.monotonic_ns()
        until = time.monotonic() + ANSWER
        self._socket.sendall(raw)
        OBSERVED.last_read = CHANNEL
        answer = AnswerReader()
        # A target may be slow, never end, or not send HTTP: what came until the deadline is the answer. Status 0 is none.
        with contextlib.suppress(OSError, MalformedAnswer, OversizedAnswer):
            answer.read(self._socket, until)
        self._buffer = answer.upgraded_bytes
        return handshake_exchange(request, answer.status, answer.headers, sent, answer.body)

    @property
    def code(self) -> str:
        """The code of a refusal's problem document, or empty."""
        try:
            return str(loose_value_of(self.body).get("code", ""))
        except (ValueError, AttributeError):
            return ""

    def frame(
        self, opcode: int, payload: bytes = b"", *, fin: bool = True, rsv: int = 0, masked: bool = True
    ) -> None:
        """Send one frame (RFC 6455, 5.2)."""
        first = (0x80 if fin else 0) | rsv << 4 | opcode
        size = len(payload)
        head = bytes([first])
        flag = 0x80 if masked else 0
        if size < 126:
            head += bytes([flag | size])
        elif size < 65536:
            head += bytes([flag | 126]) + struct.pack("!H", size)
        else:
            head += bytes([flag | 127]) + struct.pack("!Q", size)
        if masked:
            key = os.urandom(4)
            head, payload = head + key, apply_mask(payload, key)
        self._write(head + payload)

    def at_once(self, opcode: int, *payloads: bytes) -> None:
        """Send several frames in one write, so that the server reads them together."""
        self._held = b""
        for payload in payloads:
            self.frame(opcode, payload)
        held, self._held = self._held, None
        self.write(held or b"")

    def _write(self, data: bytes) -> None:
        if self._held is None:
            self.write(data)
        else:
            self._held += data

    def write(self, data: bytes) -> None:
        with contextlib.suppress(ConnectionResetError, BrokenPipeError):
            self._socket.sendall(data)

    def read(self, seconds: float = WAIT) -> tuple[int, bytes] | None:
        """The next frame as (opcode, payload); None at the end of the connection or after `seconds`. Raises ContractViolation after a refused
        handshake: a gateway answers frames in HTTP, which could be read as a frame."""
        OBSERVED.last_read = CHANNEL
        if self.status != 101:
            got = (
                self._target.recorder.judge.foreign_form(self._answered)
                or f"{self.status or 'no answer'} {self.code}".strip()
            )
            raise ContractViolation("101 for a handshake with a good token", got)
        until = time.monotonic() + seconds
        try:
            head = self._take(2, until)
            size = head[1] & 0x7F
            if size == 126:
                size = struct.unpack("!H", self._take(2, until))[0]
            elif size == 127:
                size = struct.unpack("!Q", self._take(8, until))[0]
            if size > MOST:
                raise ContractViolation(f"a frame of at most {MOST >> 20} MiB", f"one of {size:,} bytes")
            return head[0] & 0x0F, self._take(size, until)
        except (EOFError, TimeoutError, ConnectionResetError):
            return None

    def _take(self, count: int, until: float) -> bytes:
        while len(self._buffer) < count:
            if (left := until - time.monotonic()) <= 0:
                raise TimeoutError
            self._socket.settimeout(left)
            chunk = self._socket.recv(65536)
            if not chunk:
                raise EOFError
            self._buffer += chunk
        taken, self._buffer = self._buffer[:count], self._buffer[count:]
        return taken

    def outcome(self, seconds: float = WAIT) -> str:
        """The next reaction of the server, events and heartbeats aside: `close 1002`, `pong x`, `error BAD_JSON`, `cut`, `silence`."""
        return self.answer(seconds)[0]

    def answer(self, seconds: float = WAIT) -> tuple[str, bytes]:
        """The next reaction of the server as in `outcome`, and the payload of its frame."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            frame = self.read(left)
            if frame is None:
                return "cut" if time.monotonic() < until - 0.01 else "silence", b""
            reaction = _reaction(*frame)
            if reaction:
                return reaction, frame[1]
        return "silence", b""

    def ended(self, seconds: float = WAIT) -> bool:
        """Whether the server closes TCP after its close frame was answered (RFC 6455, 7.1.1)."""
        self.frame(8, b"\x03\xe8")
        until = time.monotonic() + seconds
        while self.read(until - time.monotonic()) is not None:
            pass
        self._socket.settimeout(0.1)
        try:
            return self._socket.recv(1) == b""
        except ConnectionResetError:
            return True
        except TimeoutError:
            return False

    def close(self) -> None:
        self._socket.close()


def _reaction(opcode: int, payload: bytes) -> str:
    if opcode == 8:
        return f"close {struct.unpack('!H', payload[:2])[0] if len(payload) >= 2 else 1005}"
    if opcode == 10:
        return f"pong {payload.decode('latin-1')}".strip()
    if opcode == 9:
        return ""
    try:
        value = loose_value_of(payload)
    except ValueError:
        return f"frame {opcode} {beginning(payload)}"
    kind = value.get("type") if isinstance(value, dict) else None
    if kind is None:
        return f"frame {opcode} {beginning(payload)}"
    if kind in ("heartbeat", "content_updated", "user_status_changed"):
        return ""
    data = value.get("data")
    return f"error {data.get('code')}" if kind == "error" and isinstance(data, dict) else str(kind)


def opens(target: TargetClient, session: AccountSession) -> bool:
    """Whether the channel opens with the token in the query, as the guide's clients send it (S:1304), and answers a ping (RFC 6455,
    5.5.2). If not, each check of the channel would wait in vain."""
    wrong = (OSError, ValueError, ContractViolation)
    with contextlib.suppress(*wrong), contextlib.closing(_opened(target, session)) as made:
        if made.status == 101 and made.headers.get("sec-websocket-accept", "") == ACCEPT:
            made.frame(9)
            return made.outcome().startswith("pong")
    return False


def transparent(target: TargetClient, session: AccountSession, control: ControlInterface | None) -> bool:
    """Whether frames reach the server unchanged, and are not rewritten by a proxy that speaks WebSocket itself.

    There are two proofs. If the control interface cuts the socket, the client sees the cut, while a proxy would send a close frame. And
    only the server knows the channel's limit, and so answers the head of a frame that is too long before its content arrives. Without
    either proof the result is False. `control` is None if others use the server's sockets.
    """
    return (control is not None and _is_cut(target, session, control)) or _limit_is_known(target, session)


def _is_cut(target: TargetClient, session: AccountSession, control: ControlInterface) -> bool:
    with contextlib.closing(_opened(target, session)) as made:
        numbers = [int(listed["number"]) for listed in control.list_sockets()]
        if made.status != 101 or not numbers:
            return False
        control.sockets("drop", str(max(numbers)))
        return made.outcome(1.5) == "cut"


def _limit_is_known(target: TargetClient, session: AccountSession) -> bool:
    with contextlib.closing(_opened(target, session)) as made:
        made.write(bytes([0x81, 0xFF]) + struct.pack("!Q", 200_000) + bytes(4))
        return made.status == 101 and made.outcome(1.5) == "close 1009"


def _opened(target: TargetClient, session: AccountSession) -> RawSocket:
    return RawSocket(target, upgrade(), f"?token={quote(session.access)}")
