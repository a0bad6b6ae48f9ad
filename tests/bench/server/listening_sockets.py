"""Thousands of sockets that listen, in a process of their own on the generator's core: `python -m tests.bench.server.listening_sockets PORT COUNT SECONDS`.

The token comes as the first line of its input. It opens COUNT sockets and says so; each further line `listen` is answered, when
every socket has had a `content_updated` since the last one, with the moments (monotonic, ns) of the first and the last of them;
after SECONDS it gives up and says how many had none.
Between the lines it reads what comes and sends each socket's heartbeat, as the guide's client does.
"""

from __future__ import annotations

import base64
import json
import os
import select
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from tests.bench.programs.installed import Unmeasured
from tests.bench.programs.reference_server import ROOT, ReferenceServer
from tests.bench.setting import Setting

BEAT = 25.0
"""Seconds between two heartbeats of a socket."""
PATIENCE = 30.0
ABREAST = 200
"""Handshakes on their way at once."""


@dataclass(frozen=True, slots=True)
class ListeningSockets:
    """All sockets are open. `seconds` is how long that took."""

    process: subprocess.Popen[str]
    seconds: float

    def listen(self) -> None:
        """From now on events count. Returns when all sockets are ready for them."""
        self._tell("listen")
        self._hear()

    def heard(self) -> tuple[int, int]:
        """When the first and the last socket had its event, in ns of time.monotonic_ns."""
        told = json.loads(self._hear())
        return told["first"], told["last"]

    def _tell(self, word: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()

    def _hear(self) -> str:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line or line.startswith("lost"):
            raise Unmeasured(f"the listening sockets were lost: {line.strip() or 'its process ended'}")
        return line


@contextmanager
def open_sockets(
    setting: Setting, server: ReferenceServer, count: int, *, patience: float = PATIENCE
) -> Iterator[ListeningSockets]:
    """The sockets are open within the block. Unmeasured where one is refused, or an event does not come in `patience` seconds."""
    command = [
        *setting.cores.pin_generator(), sys.executable, "-m", "tests.bench.server.listening_sockets", str(server.child.port), str(count), str(patience),
    ]  # fmt: skip
    process = subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    try:
        waiting = ListeningSockets(process, 0.0)
        waiting._tell(server.token)
        yield ListeningSockets(process, float(waiting._hear()))
    finally:
        assert process.stdin is not None and process.stdout is not None
        process.kill()
        process.wait()
        process.stdin.close()
        process.stdout.close()


# The other process


@dataclass(slots=True)
class Listener:
    """One open socket: bytes that are not yet a whole frame, and whether it has had its event."""

    socket: socket.socket
    waiting: bytes = b""
    heard: bool = False


@dataclass(slots=True)
class Listeners:
    port: int
    token: str
    ears: dict[int, Listener] = field(default_factory=dict)
    poll: select.epoll = field(default_factory=select.epoll)
    missing: int = 0
    first: int = 0
    last: int = 0
    beaten: float = field(default_factory=time.monotonic)

    def open(self, count: int) -> float:
        """Seconds until `count` sockets are open. ConnectionError where one is refused."""
        began = time.monotonic()
        while len(self.ears) < count:
            arriving = {}
            for _ in range(min(ABREAST, count - len(self.ears))):
                one = socket.create_connection(("127.0.0.1", self.port), PATIENCE)
                one.sendall(self._handshake())
                arriving[one.fileno()] = one
            for number, one in arriving.items():
                head, rest = b"", b""
                while b"\r\n\r\n" not in head:
                    data = one.recv(4096)
                    if not data:
                        raise ConnectionError("closed during the handshake")
                    head += data
                head, _, rest = head.partition(b"\r\n\r\n")
                if b" 101 " not in head.partition(b"\r\n")[0]:
                    raise ConnectionError(head.partition(b"\r\n")[0].decode("latin-1"))
                one.setblocking(False)
                self.ears[number] = Listener(one, rest)
                self.poll.register(number, select.EPOLLIN)
        return time.monotonic() - began

    def _handshake(self) -> bytes:
        key = base64.b64encode(os.urandom(16)).decode()
        return (
            f"GET /api/ws HTTP/1.1\r\nHost: 127.0.0.1:{self.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\nAuthorization: Bearer {self.token}\r\n\r\n"
        ).encode()

    def expect(self) -> None:
        """Every socket owes an event from now on."""
        for ear in self.ears.values():
            ear.heard = False
        self.missing, self.first, self.last = len(self.ears), 0, 0

    def read(self, seconds: float) -> None:
        """Whatever comes within that time, but no longer than until every socket has its event."""
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            for number, _ in self.poll.poll(left, 1024):
                if number in self.ears:
                    self._take(self.ears[number])
                else:
                    return  # our own input
            if self.last and not self.missing:
                return

    def _take(self, ear: Listener) -> None:
        data = ear.socket.recv(1 << 16)
        now = time.monotonic_ns()
        if not data:
            raise ConnectionError("the server closed a socket")
        found, ear.waiting = frames(ear.waiting + data)
        if not ear.heard and any(b'"content_updated"' in frame for frame in found):
            ear.heard = True
            self.missing -= 1
            self.first = self.first or now
            self.last = now

    def beat(self) -> None:
        """Every socket's heartbeat, where it is time."""
        if time.monotonic() - self.beaten < BEAT:
            return
        self.beaten = time.monotonic()
        frame = masked(b'{"type":"heartbeat","data":{"timestamp":%d}}' % (time.time_ns() // 1_000_000))
        for ear in self.ears.values():
            ear.socket.send(frame)
        self.read(1.0)


def frames(data: bytes) -> tuple[list[bytes], bytes]:
    """Payloads of the whole frames of a server (they are never masked), and the bytes of one that is not whole.

    >>> frames(bytes([0x81, 2]) + b"ab" + bytes([0x81, 5]) + b"c")
    ([b'ab'], b'\\x81\\x05c')
    """
    found, place = [], 0
    while len(data) - place >= 2:
        length, head = data[place + 1], 2
        if length == 126:
            length, head = int.from_bytes(data[place + 2 : place + 4]), 4
        elif length == 127:
            length, head = int.from_bytes(data[place + 2 : place + 10]), 10
        if len(data) - place < head + length:
            break
        found.append(data[place + head : place + head + length])
        place += head + length
    return found, data[place:]


def masked(payload: bytes) -> bytes:
    """A text frame of a client, of less than 126 bytes, with the mask 0 0 0 0 (RFC 6455, 5.3 allows any).

    >>> masked(b"ab").hex()
    '8182000000006162'
    """
    return bytes([0x81, 0x80 | len(payload), 0, 0, 0, 0]) + payload


def main(port: int, count: int, patience: float) -> None:
    listeners = Listeners(port, sys.stdin.readline().strip())
    try:
        print(listeners.open(count), flush=True)
    except ConnectionError as refused:
        print(f"lost: {refused}", flush=True)
        return
    listeners.poll.register(sys.stdin, select.EPOLLIN)
    while True:
        listeners.read(1.0)
        listeners.beat()
        if not select.select([sys.stdin], [], [], 0)[0]:
            continue
        if not sys.stdin.readline():
            return
        listeners.poll.unregister(sys.stdin)
        listeners.expect()
        print("listening", flush=True)
        listeners.read(patience)
        if listeners.missing:
            print(f"lost: {listeners.missing} of {count} sockets had no event in {patience:g} s", flush=True)
            return
        print(json.dumps({"first": listeners.first, "last": listeners.last}), flush=True)
        listeners.poll.register(sys.stdin, select.EPOLLIN)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]))
