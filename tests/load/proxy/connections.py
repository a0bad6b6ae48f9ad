"""An upstream that echoes, and what a client does over the proxy before it."""

import errno
import socket
import threading

from load.proxy.process import ProxyProcess
from tests.waiting import HANG


class Echo:
    """An upstream that sends back what comes, on threads; `accepted` are its ends of the connections."""

    def __init__(self) -> None:
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.accepted: list[socket.socket] = []
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.listener.getsockname()
        return host, port

    def _accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.accepted.append(connection)
            threading.Thread(target=self._echo, args=(connection,), daemon=True).start()

    def _echo(self, connection: socket.socket) -> None:
        try:
            while data := connection.recv(65536):
                connection.sendall(data)
        except OSError:
            pass
        connection.close()

    def stop(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(HANG)
        for connection in self.accepted:
            connection.close()


def connect(proxy: ProxyProcess) -> socket.socket:
    return socket.create_connection(proxy.listen, timeout=HANG)


def say(connection: socket.socket, data: bytes) -> bytes:
    """Send, and read as much back; less where the connection ends before."""
    connection.sendall(data)
    return read(connection, len(data))


def read(connection: socket.socket, size: int) -> bytes:
    got = b""
    while len(got) < size and (more := connection.recv(size - len(got))):
        got += more
    return got


def silent(connection: socket.socket) -> bool:
    """Whether nothing, not even an end, comes within a moment in which loopback delivers a thousand times."""
    connection.settimeout(0.15)
    try:
        connection.recv(1)
    except TimeoutError:
        return True
    finally:
        connection.settimeout(HANG)
    return False


def end_of(connection: socket.socket) -> str:
    try:
        while connection.recv(65536):
            pass
    except ConnectionResetError:
        return "reset"
    return "closed"


def refused(proxy: ProxyProcess) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(proxy.listen) == errno.ECONNREFUSED
