"""A server with a certificate of an authority of our own, made by openssl; behind it an honest one."""

from __future__ import annotations

import contextlib
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.hostile.hostile_server import pump


@dataclass(frozen=True, slots=True, kw_only=True)
class TestAuthority:
    """PEM files: the authority alone, what it gave the server, what it gave a client; the last two with their keys."""

    __test__ = False
    cacert: Path
    server: Path
    client: Path


def authority(folder: Path) -> TestAuthority:
    made = TestAuthority(cacert=folder / "ca.pem", server=folder / "server.pem", client=folder / "client.pem")
    key = folder / "ca.key"
    _openssl(
        "-x509", "-subj", "/CN=Test Authority", "-keyout", str(key), "-out", str(made.cacert),
        "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign",
    )  # fmt: skip
    for path, name in (
        (made.server, "subjectAltName=IP:127.0.0.1"),
        (made.client, "subjectAltName=DNS:client"),
    ):
        own = folder / f"{path.stem}.key"
        _openssl(
            "-x509", "-CA", str(made.cacert), "-CAkey", str(key), "-subj", f"/CN={path.stem}", "-addext", name,
            "-addext", "basicConstraints=critical,CA:FALSE", "-keyout", str(own), "-out", str(path),
        )  # fmt: skip
        path.write_bytes(own.read_bytes() + path.read_bytes())
    return made


def _openssl(*words: str) -> None:
    asked = ["openssl", "req", "-newkey", "rsa:2048", "-nodes", "-days", "2", *words]
    subprocess.run(asked, check=True, capture_output=True)


@contextlib.contextmanager
def tls_server(
    upstream: tuple[str, int], certificates: TestAuthority, *, asks_client: bool = False
) -> Iterator[str]:
    """Its URL. `asks_client`: only clients with a certificate of the authority are let in."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificates.server)
    if asks_client:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(certificates.cacert)
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)

    def serve(connection: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            connection,
            context.wrap_socket(connection, server_side=True) as wrapped,
            socket.create_connection(upstream) as behind,
        ):
            threading.Thread(target=pump, args=(wrapped, behind), daemon=True).start()
            pump(behind, wrapped)

    def accept() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        listener.close()
