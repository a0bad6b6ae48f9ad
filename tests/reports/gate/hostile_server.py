"""A target that means harm: raw answers that begin and do not end, that grow without bound, or that are none of HTTP."""

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

Behaviour = Callable[[socket.socket, threading.Event], None]
"""What it does to one connection until the event is set."""

PAUSE = 0.02
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


def _for_ever(piece: bytes, first: bytes = b"", pause: float = 0.0) -> Behaviour:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(first)
        while not over.wait(pause):
            connection.sendall(piece)

    return behave


def _once(answer: bytes, *, keep: bool) -> Behaviour:
    def behave(connection: socket.socket, over: threading.Event) -> None:
        connection.sendall(answer)
        if keep:
            over.wait()

    return behave


BOMB = gzip.compress(b"\0" * 8 * 1024 * 1024)
BEHAVIOURS: dict[str, Behaviour] = {
    "silence": _once(b"", keep=True),
    "a dripping head": _for_ever(b"X", b"HTTP/1.1 200 OK\r\nX-Long: ", PAUSE),
    "a dripping status line": _for_ever(b"1", b"HTTP/1.", PAUSE),
    "a flood of 103": _for_ever(b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n"),
    "slow 102": _for_ever(b"HTTP/1.1 102 Processing\r\n\r\n", pause=PAUSE),
    "a head without end": _for_ever(b"X-A: " + b"a" * 900 + b"\r\n", HEAD),
    "a line without end": _for_ever(b"a" * 1000, HEAD + b"X-A: "),
    "a body without end": _for_ever(b"a" * 65536, HEAD + b"\r\n"),
    "a dripping body": _for_ever(b"a", HEAD + b"Content-Length: 100000\r\n\r\n", PAUSE),
    "slow chunks": _for_ever(b"1\r\na\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n", PAUSE),
    "chunks without end": _for_ever(b"4000\r\n" + b"a" * 0x4000 + b"\r\n", HEAD + b"Transfer-Encoding: chunked\r\n\r\n"),
    "a chunk size without end": _for_ever(b"0", HEAD + b"Transfer-Encoding: chunked\r\n\r\n", PAUSE),
    "half a body": _once(HEAD + b"Content-Length: 100\r\n\r\n{", keep=False),
    "a body that stops": _once(HEAD + b"Content-Length: 100\r\n\r\n{", keep=True),
    "a gzip bomb": _once(
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(BOMB) + BOMB, keep=True
    ),
    "no HTTP": _once(b"SSH-2.0-OpenSSH_9.6\r\n", keep=True),
    "a closed door": _once(b"", keep=False),
}  # fmt: skip


@contextmanager
def hostile(behaviour: Behaviour) -> Iterator[int]:
    """Its port."""
    over = threading.Event()

    def serve(connection: socket.socket) -> None:
        with connection, suppress(OSError):
            connection.recv(65536)
            behaviour(connection, over)

    def accept(listener: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = listener.accept()
                threading.Thread(target=serve, args=(connection,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, args=(listener,), daemon=True).start()
        try:
            yield listener.getsockname()[1]
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
