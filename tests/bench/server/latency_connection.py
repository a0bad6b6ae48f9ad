"""One connection for measuring latency: prepared bytes go out, the clock runs until the whole answer is here.

Nothing is parsed but the status and the length, so that what is measured is the server and not its client.
"""

import re
import socket
from time import perf_counter_ns

from tests.bench.programs.installed import Unmeasured

LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.I)


class LatencyConnection:
    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def time(self, request: bytes) -> int:
        """Nanoseconds from the first byte sent until the last byte received; Unmeasured where it is not a 2xx."""
        began = perf_counter_ns()
        self._socket.sendall(request)
        data = self._socket.recv(1 << 16)
        end = data.find(b"\r\n\r\n")
        while end < 0:
            data += self._more()
            end = data.find(b"\r\n\r\n")
        found = LENGTH.search(data, 0, end)
        missing = end + 4 + (int(found[1]) if found else 0) - len(data)
        while missing > 0:
            missing -= len(self._more())
        took = perf_counter_ns() - began
        if data[9:10] != b"2":
            told = data[:12].decode("latin-1")
            raise Unmeasured(f"{request.partition(bytes([13]))[0].decode()} was answered {told}")
        return took

    def _more(self) -> bytes:
        data = self._socket.recv(1 << 16)
        if not data:
            raise Unmeasured("the server closed the connection")
        return data

    def close(self) -> None:
        self._socket.close()
