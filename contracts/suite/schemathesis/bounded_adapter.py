"""An adapter for `requests` that sends Schemathesis' requests with our own client, which limits the time and size of answers.

The timeout of `requests` applies to each read, and there is no limit of bytes: a slow target would block a run for ever, and an endless
answer would fill the memory. Redirects are not followed, proxies of the environment are not used, and TLS is that of
`contracts.network.tls`.
"""

import contextlib
import io
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, ClassVar

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPHeaderDict, HTTPResponse
from urllib3.exceptions import ProtocolError

from contracts.network.content_coding import DecodedTooLong, NotDecoded, decoded
from contracts.network.printable import printable
from contracts.suite.client.answer_reader import MOST_BODY
from contracts.suite.client.http_exchange import HttpRequest
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import ContractViolation, NoAnswer, Unreachable

SECONDS = 7.0
"""The most seconds for one request and its whole answer."""
PATIENCE = 7.5
"""The seconds of unanswered requests, two of them, after which no more are sent."""


class BoundedAdapter(HTTPAdapter):
    """The adapter for the suite, which raises our own exceptions. Each thread has a connection of its own."""

    most: ClassVar[int] = MOST_BODY

    def __init__(self, connect: Callable[[str], Connection] | None = None) -> None:
        super().__init__()
        self._connect = connect or (lambda base: Connection(base, timeout=SECONDS, most=self.most))
        self._held = threading.local()

    def send(
        self,
        request: requests.PreparedRequest,
        stream: bool = False,
        timeout: Any = None,
        verify: Any = True,
        cert: Any = None,
        proxies: Any = None,
    ) -> requests.Response:
        return self._exchanged(request, time.monotonic())

    def close(self) -> None:
        for connection in self._connections().values():
            connection.close()

    def _connections(self) -> dict[str, Connection]:
        held: dict[str, Connection] = self._held.__dict__.setdefault("connections", {})
        return held

    def _exchanged(self, request: requests.PreparedRequest, began: float) -> requests.Response:
        url = str(request.url)
        base = url.removesuffix(request.path_url.partition("#")[0])
        connection = self._connections().setdefault(base, self._connect(base))
        sent = HttpRequest(
            method=str(request.method),
            url=base + request.path_url,
            headers=_texts(request.headers or {}),
            body=_bytes(request.body),
        )
        exchange = connection.send(sent)
        headers = HTTPHeaderDict(exchange.headers)
        with contextlib.suppress(NotDecoded):  # the checks judge that
            decoded(exchange.body, headers.get("Content-Encoding", ""), self.most)
        raw = HTTPResponse(
            body=io.BytesIO(exchange.body),
            headers=headers,
            status=exchange.status,
            version=11,
            preload_content=False,
            request_method=request.method,
        )
        made = self.build_response(request, raw)
        made.elapsed = timedelta(seconds=time.monotonic() - began)
        made.content  # noqa: B018 - read now, so that a decoding error belongs to this request
        return made


class CommandLineAdapter(BoundedAdapter):
    """The adapter for Schemathesis' own command line, which expects exceptions of `requests` and makes many sessions. After PATIENCE
    seconds of unanswered requests, in all sessions together, no more are sent."""

    most = 2 << 20
    """The limit in bytes; Schemathesis needs a minute and a gigabyte for an answer of 15 MiB."""
    waited: ClassVar[float] = 0.0

    def send(self, request: requests.PreparedRequest, *given: Any, **named: Any) -> requests.Response:
        kind = CommandLineAdapter
        if kind.waited > PATIENCE:
            reason = f"not sent: the target left requests without an answer for {kind.waited:.0f} s"
            raise _failed(reason, request)
        began = time.monotonic()
        try:
            return super().send(request, *given, **named)
        except (NoAnswer, Unreachable) as error:
            kind.waited += time.monotonic() - began
            reason = str(error)
        except (ContractViolation, DecodedTooLong, OSError) as error:
            reason = str(error)
        # Raised here and not above, because Schemathesis keeps its errors, and that one would keep the whole answer.
        raise _failed(reason, request)


def _failed(why: object, request: requests.PreparedRequest) -> requests.ConnectionError:
    return requests.ConnectionError(ProtocolError(printable(str(why))), request=request)


def _texts(headers: Mapping[str, str | bytes]) -> dict[str, str]:
    return {
        name: value.decode("latin-1") if isinstance(value, bytes) else value
        for name, value in headers.items()
        if name.lower() != "content-length"
    }


def _bytes(body: Any) -> bytes | None:
    if body is None or isinstance(body, bytes):
        return body
    if isinstance(body, str):
        return body.encode()
    parts: Iterable[Any] = iter(lambda: body.read(65536), b"") if hasattr(body, "read") else body
    return b"".join(part.encode() if isinstance(part, str) else part for part in parts)
