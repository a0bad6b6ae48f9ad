"""A server that does one hostile thing to whoever comes, a thread for each connection. Loopback only.

Requests that a behaviour leaves alone (login, or all but the handshake of a WebSocket) go to an honest server behind it.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import re
import socket
import ssl
import struct
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.hostile.behaviours import HostileBehaviour

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
MOST_THREADS = 200


class HostileServer:
    """`upstream` is the address of the honest server, `certificate` a PEM file with its key."""

    def __init__(self, behaviour: HostileBehaviour, upstream: tuple[str, int], certificate: Path) -> None:
        self.behaviour = behaviour
        self._upstream = upstream
        self._certificate = certificate
        self._stopped = threading.Event()
        self._slots = threading.BoundedSemaphore(MOST_THREADS)
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=256)
        self.port = self._listener.getsockname()[1]

    @property
    def url(self) -> str:
        return f"{'https' if self.behaviour.kind == 'tls' else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> HostileServer:
        self.behaviour.first  # noqa: B018 - a bomb is made before anybody waits for it
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stopped.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._stopped.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            if self._slots.acquire(blocking=False):
                threading.Thread(target=self._serve, args=(connection,), daemon=True).start()
            else:
                connection.close()

    def _serve(self, connection: socket.socket) -> None:
        try:
            with connection, contextlib.suppress(OSError, ValueError):
                connection.settimeout(60)
                self._answer(connection)
        finally:
            self._slots.release()

    def _answer(self, connection: socket.socket) -> None:
        one = self.behaviour
        if one.kind == "tls" and one.first == b"certificate":
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(self._certificate)
            with context.wrap_socket(connection, server_side=True) as wrapped:
                wrapped.recv(65536)
            return
        if one.at_once and not one.first and not one.repeat:
            self._end(connection)
            return
        head = _head(connection)
        if not head:
            return
        first = head.partition(b"\r\n")[0]
        upgrade = re.search(rb"(?im)^upgrade:\s*websocket", head) is not None
        spared = (
            not upgrade
            if one.kind == "socket"
            else one.only not in first or (b"/auth/login" in first and not one.at_once)
        )
        if spared:
            self._forward(connection, head)
            return
        if one.kind == "socket" and not one.first.startswith(b"HTTP"):
            connection.sendall(_handshake(head))
        self._hostile(connection)

    def _hostile(self, connection: socket.socket) -> None:
        one = self.behaviour
        if one.first != b"HTTP":
            connection.sendall(one.first)
        while one.repeat and not self._stopped.wait(one.pause):
            connection.sendall(one.repeat)
        self._end(connection)

    def _end(self, connection: socket.socket) -> None:
        if self.behaviour.end == "hold":
            while not self._stopped.wait(0.1):
                pass
        elif self.behaviour.end == "reset":
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        else:
            # What was not read would turn the end into a reset.
            connection.settimeout(0.2)
            with contextlib.suppress(OSError):
                connection.shutdown(socket.SHUT_WR)
                while connection.recv(65536):
                    pass

    def _forward(self, connection: socket.socket, head: bytes) -> None:
        """One request to the honest server, and its answer; the next one comes on a connection of its own."""
        head = re.sub(rb"(?im)^(connection|keep-alive):.*\r\n", b"", head)
        first, _, rest = head.partition(b"\r\n")
        with socket.create_connection(self._upstream, timeout=30) as upstream:
            upstream.sendall(first + b"\r\nConnection: close\r\n" + rest)
            threading.Thread(target=pump, args=(connection, upstream), daemon=True).start()
            pump(upstream, connection)


def _head(connection: socket.socket) -> bytes:
    held = b""
    while b"\r\n\r\n" not in held and len(held) < 1 << 20:
        more = connection.recv(65536)
        if not more:
            return held
        held += more
        if held[:1] == b"\x16":  # a handshake of TLS has no end of headers
            return held
    return held


def pump(source: socket.socket, sink: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := source.recv(65536):
            sink.sendall(data)


def _handshake(head: bytes) -> bytes:
    found = re.search(rb"(?im)^sec-websocket-key:\s*(\S+)", head)
    accept = base64.b64encode(hashlib.sha1((found[1] if found else b"") + GUID).digest())
    return (
        b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: %s\r\n\r\n"
        % accept
    )


def certificate(folder: Path) -> Path:
    """Of nobody: signed by itself, for another host."""
    path = folder / "hostile.pem"
    made = [
        "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=elsewhere.example",
        "-keyout", str(path), "-out", str(folder / "certificate.pem"),
    ]  # fmt: skip
    subprocess.run(made, check=True, capture_output=True)
    path.write_bytes(path.read_bytes() + (folder / "certificate.pem").read_bytes())
    return path


@contextlib.contextmanager
def serving(behaviour: HostileBehaviour, upstream: tuple[str, int], pem: Path) -> Iterator[str]:
    with HostileServer(behaviour, upstream, pem) as server:
        yield server.url
