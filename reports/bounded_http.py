"""One HTTP request with limits for its time and size, whatever the server does.

The timeout of a client library is one for each read, so a server that sends a byte now and then, or one 103 after another, can hold
it for ever. Here one deadline covers everything from the connect to the last byte, and the body is limited after decompression.
Redirects are not followed.
"""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from ssl import SSLContext
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import httpcore

from contracts.command.loopback import connected
from contracts.network import unreachable
from contracts.network.content_coding import DecodedTooLong, NotDecoded, decoded
from contracts.network.target_url import proxy_for
from contracts.network.tls import TlsTrust

SECONDS, FIRST_BYTE = 10.0, 5.0
"""The seconds for the whole answer, and until it begins, so that a silent server is found within 10 s of a command's start."""
MEBIBYTE = 1024 * 1024
BODY_MEBIBYTES = 16


class UnansweredRequest(Exception):
    """Not one byte of an answer came; the text tells why."""


class BrokenAnswer(Exception):
    """An answer began, but exceeds the limits or is not HTTP; the text tells what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class HttpBounds:
    """The limits of one request, and its TLS trust."""

    trust: TlsTrust = field(default_factory=TlsTrust)
    seconds: float = SECONDS
    mebibytes: int = BODY_MEBIBYTES
    proxied: bool = False
    """Whether the environment's proxies (HTTPS_PROXY) count: for documents somewhere on the net, and never for targets, which all parts
    of a gate call directly."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeAnswer:
    """The answer to one request."""

    status: int
    headers: Mapping[str, str]
    """Names are lower-case, values have no surrounding blanks (RFC 9110 5.5)."""
    body: bytes = b""
    """The decompressed body, or the body as it came if the coding is unknown."""
    seconds: float = 0.0
    """The seconds from the request to the first byte of the answer, on an open connection."""


class _Meter:
    """The deadline of one request, the bytes received so far, and the seconds from the request to the first of them."""

    def __init__(self, seconds: float) -> None:
        self.began = self.asked = time.monotonic()
        self.answered = 0.0
        self.first, self.seconds = min(FIRST_BYTE, seconds), seconds
        self.received = 0

    def left(self) -> float:
        left = self.began + (self.seconds if self.received else self.first) - time.monotonic()
        if left <= 0:
            raise httpcore.ReadTimeout
        return left


class _BoundedStream(httpcore.NetworkStream):
    def __init__(self, inner: httpcore.NetworkStream, meter: _Meter) -> None:
        self.inner = inner
        self.meter = meter

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        got = self.inner.read(max_bytes, self.meter.left())
        self.meter.answered = self.meter.answered or time.monotonic() - self.meter.asked
        self.meter.received += len(got)
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, self.meter.left())
        self.meter.asked = time.monotonic()

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self, ssl_context: SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        return _BoundedStream(
            self.inner.start_tls(ssl_context, server_hostname, self.meter.left()), self.meter
        )

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


class _BoundedNetwork(httpcore.NetworkBackend):
    def __init__(self, meter: _Meter) -> None:
        self.inner = httpcore.SyncBackend()
        self.meter = meter

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        def connect(address: str) -> httpcore.NetworkStream:
            return self.inner.connect_tcp(address, port, self.meter.left(), local_address, socket_options)

        try:
            return _BoundedStream(connected(host, connect), self.meter)
        except OSError as error:  # of the name; the rest is httpcore's own
            raise httpcore.ConnectError(str(error)) from error


def exchange(
    method: str,
    url: str,
    bounds: HttpBounds,
    *,
    headers: Mapping[str, str] = MappingProxyType({}),
    content: bytes | None = None,
) -> ProbeAnswer:
    """Send a request and read the whole answer. UnansweredRequest or BrokenAnswer if that fails."""
    meter = _Meter(bounds.seconds)
    try:
        with _pool(url, bounds, meter) as pool:  # noqa: SIM117 (the pool closes what the stream leaves)
            with pool.stream(method, url, headers=list(headers.items()), content=content) as answer:
                head = _head(answer)
                return replace(head, body=_read(answer, head, bounds), seconds=meter.answered)
    except (httpcore.TimeoutException, httpcore.ConnectError, httpcore.ReadError) as error:
        if meter.received:
            raise BrokenAnswer(_unfinished(error, meter, bounds)) from error
        if isinstance(error, httpcore.TimeoutException):
            raise UnansweredRequest(f"no answer within {meter.first:g} s") from error
        raise UnansweredRequest(unreachable.reason(error)) from error
    except (httpcore.RemoteProtocolError, httpcore.WriteError) as error:
        if meter.received:
            raise BrokenAnswer(f"sends no HTTP ({unreachable.reason(error)})") from error
        raise UnansweredRequest(
            f"the connection was closed without an answer ({unreachable.reason(error)})"
        ) from error
    except (httpcore.ProxyError, httpcore.UnsupportedProtocol, httpcore.LocalProtocolError) as error:
        raise UnansweredRequest(unreachable.reason(error)) from error


def _pool(url: str, bounds: HttpBounds, meter: _Meter) -> httpcore.ConnectionPool:
    parts = urlsplit(url)
    proxy = proxy_for(url) if bounds.proxied else ""
    context = bounds.trust.context() if parts.scheme == "https" else None
    network = _BoundedNetwork(meter)
    if proxy:
        return httpcore.HTTPProxy(proxy, ssl_context=context, network_backend=network)
    return httpcore.ConnectionPool(ssl_context=context, network_backend=network)


def _head(answer: httpcore.Response) -> ProbeAnswer:
    headers = {
        name.decode("latin-1").lower(): value.decode("latin-1").strip() for name, value in answer.headers
    }
    return ProbeAnswer(status=answer.status, headers=MappingProxyType(headers))


def _read(answer: httpcore.Response, head: ProbeAnswer, bounds: HttpBounds) -> bytes:
    most = bounds.mebibytes * MEBIBYTE
    whole = bytearray()
    for piece in answer.iter_stream():
        whole += piece
        if len(whole) > most:
            raise BrokenAnswer(f"sends more than {bounds.mebibytes} MiB in one answer, and no end of it")
    try:
        return decoded(bytes(whole), head.headers.get("content-encoding", ""), most)
    except NotDecoded:
        return bytes(whole)  # no gzip at all is for the checks to judge
    except DecodedTooLong as error:
        raise BrokenAnswer(f"sends {error}") from None


def _unfinished(error: Exception, meter: _Meter, bounds: HttpBounds) -> str:
    if isinstance(error, httpcore.TimeoutException):
        return f"begins an answer and does not end it within {bounds.seconds:g} s ({meter.received:,} bytes came)"
    return f"ends the connection in the middle of its answer ({unreachable.reason(error)})"
