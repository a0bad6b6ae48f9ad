"""The listening socket and the choice of the ASGI server. The socket is bound first, so that an error is one line.

serve(app, listen("127.0.0.1", 0), ready=announce, by="granian")
"""

import importlib
import socket
from collections.abc import Callable, Mapping
from typing import Any

SERVERS: Mapping[str, str] = {
    "uvicorn": "mock_server.servers.on_uvicorn",
    "granian": "mock_server.servers.on_granian",
}
"""Name -> module with `serve`; only the chosen one is imported."""


class BindError(OSError):
    """The address cannot be bound. The message is one line for the user."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket; port 0 takes a free port. Raises BindError."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
    except OSError as error:
        listener.close()
        raise BindError(f"cannot listen on {host}:{port}: {error.strerror}") from None
    listener.listen(4096)
    return listener


def url(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def serve(app: Any, listener: socket.socket, *, ready: Callable[[], None], by: str = "uvicorn") -> int:
    """Serve until SIGTERM or SIGINT, and return the exit code. `ready` is called as soon as the server answers."""
    code: int = importlib.import_module(SERVERS[by]).serve(app, listener, ready=ready)
    return code
