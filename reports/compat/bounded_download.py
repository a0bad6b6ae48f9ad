"""Downloads one URL with a bound on everything: bytes, seconds in all, and no redirects.

The deadline is one for the whole download: a server that sends a byte each second is cut off like a silent one, by a
timer that closes the connection under whoever reads.
"""

from __future__ import annotations

import http.client
import socket
import ssl
import threading
from urllib.parse import urlsplit

SECONDS = 10.0
BYTES = 16 * 1024 * 1024


class DownloadError(Exception):
    """One line: the URL and why nothing came of it."""


def download(url: str) -> bytes:
    seconds = SECONDS
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise DownloadError(f"{url} is not a URL that can be called") from None
    if not host or parts.username is not None:
        raise DownloadError("a URL needs a host and must hold no password")
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(host, port, timeout=seconds)
    late = threading.Event()
    timer: threading.Timer | None = None
    try:
        connection.connect()
        # Kept here, because the connection forgets it where the answer ends with it.
        timer = threading.Timer(seconds, _cut, (connection.sock, late))
        timer.daemon = True
        timer.start()
        body = _answer(connection, parts.path or "/", parts.query, url)
    except (OSError, http.client.HTTPException, ssl.SSLError, ValueError) as error:
        told = repr(" ".join(str(error).split()))[1:-1] or type(error).__name__
        why = f"not there within {seconds:g} s" if late.is_set() or isinstance(error, TimeoutError) else told
        raise DownloadError(f"{url}: {why}") from None
    finally:
        if timer is not None:
            timer.cancel()
        connection.close()
    if late.is_set():
        raise DownloadError(f"{url}: not there within {seconds:g} s")
    return body


def _answer(connection: http.client.HTTPConnection, path: str, query: str, url: str) -> bytes:
    headers = {"Accept": "application/yaml, application/json, */*", "Accept-Encoding": "identity"}
    connection.request("GET", path + (f"?{query}" if query else ""), headers=headers)
    response = connection.getresponse()
    if response.status != 200:
        to = response.headers.get("Location", "")
        moved = (
            f", to {to!r}; name that URL if it is the right one"
            if 300 <= response.status < 400 and to
            else ""
        )
        raise DownloadError(f"{url}: the answer is {response.status}{moved}")
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise DownloadError(f"{url}: the answer is encoded, which was not asked for")
    body = response.read(BYTES + 1)
    if len(body) > BYTES:
        raise DownloadError(f"{url}: more than {BYTES:,} bytes")
    if response.length:
        raise DownloadError(f"{url}: {response.length:,} bytes of the answer are missing")
    return body


def _cut(held: socket.socket, late: threading.Event) -> None:
    late.set()
    try:
        held.shutdown(socket.SHUT_RDWR)
    except OSError:
        held.close()
