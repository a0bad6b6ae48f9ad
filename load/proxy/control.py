"""The HTTP control interface of the proxy, with Toxiproxy's paths and JSON, so that Toxiproxy's clients can use it.

    GET    /version                              POST   /reset
    GET    /proxies                              GET    /proxies/{name}
    POST   /proxies/{name}   {"enabled": bool}
    GET    /proxies/{name}/toxics                POST   /proxies/{name}/toxics
    GET    /proxies/{name}/toxics/{toxic}        POST   /proxies/{name}/toxics/{toxic}
    DELETE /proxies/{name}/toxics/{toxic}

An error is `{"error": text, "status": int}`, as in Toxiproxy. There is one proxy per process, so proxies cannot be created. Requests
of web pages are refused (403), and so are bodies that are not declared as JSON (415), because any page's form could send them.
"""

import asyncio
import json
from http import HTTPStatus
from typing import Any, TypeAlias

from contracts.command.browser_guard import refusal
from contracts.json_text import JsonError, loose_value_of
from load.proxy.proxy import Proxy
from load.proxy.toxic import ToxicError, toxic

VERSION = "tchat-2.9"
"""The version; Toxiproxy's clients read the API version after the dash."""
BODY_LIMIT = 64 * 1024

Answer: TypeAlias = tuple[int, Any]


class ProxyControl:
    """The control interface of one proxy. `loopback_only`: it listens on loopback, so a request for another host name comes from a
    web page."""

    def __init__(self, proxy: Proxy, *, loopback_only: bool = True) -> None:
        self.proxy = proxy
        self._loopback_only = loopback_only

    async def serve(self, host: str, port: int) -> tuple[asyncio.Server, tuple[str, int]]:
        server = await asyncio.start_server(self._client, host, port)
        return server, server.sockets[0].getsockname()[:2]

    async def answer(self, method: str, path: str, body: bytes) -> Answer:
        """The answer to one request: (status, JSON value or None for no body)."""
        try:
            given = loose_value_of(body) if body else {}
        except JsonError:
            return _error(400, "the body is not JSON")
        if not isinstance(given, dict):
            return _error(400, "the body is not a JSON object")
        if not isinstance(given.get("attributes") or {}, dict) or not isinstance(
            given.get("name") or "", str
        ):
            return _error(400, "attributes is an object, and name a text")
        parts = path.split("?")[0].strip("/").split("/")
        try:
            found = await self._answer(method, parts, given)
        except ToxicError as error:
            missing = str(error).startswith("there is no toxic") and len(parts) == 4
            return _error(404 if missing else 400, str(error))
        except OSError as error:
            return _error(500, f"the proxy cannot listen: {error.strerror}")
        if found is not None:
            return found
        own = parts[:2] == ["proxies", self.proxy.name] and parts[2:3] in ([], ["toxics"]) and len(parts) < 5
        known = own or parts in (["version"], ["reset"], ["proxies"])
        return _error(405 if known else 404, f"no {method} {path} here")

    async def _answer(self, method: str, parts: list[str], given: dict[str, Any]) -> Answer | None:
        """The answer, or None for an unknown method or path."""
        proxy = self.proxy
        match method, parts:
            case "GET", ["version"]:
                return 200, {"version": VERSION}
            case "POST", ["reset"]:
                for name in list(proxy.toxics):
                    await proxy.remove(name)
                return 204, None
            case "GET", ["proxies"]:
                return 200, {proxy.name: proxy.describe()}
            case _, ["proxies", name, *_] if name != proxy.name:
                return None
            case "GET", ["proxies", _]:
                return 200, proxy.describe()
            case "POST", ["proxies", _]:
                if not isinstance(given.get("enabled"), bool):
                    raise ToxicError("enabled must be true or false")
                await proxy.enable(given["enabled"])
                return 200, proxy.describe()
            case "GET", ["proxies", _, "toxics"]:
                return 200, proxy.describe()["toxics"]
            case "POST", ["proxies", _, "toxics"]:
                fault = toxic(
                    str(given.get("type", "")),
                    given.get("attributes") or {},
                    stream=given.get("stream") or "downstream",
                    name=given.get("name") or "",
                    toxicity=given.get("toxicity", 1.0),
                )
                await proxy.add(fault)
                return 200, fault.describe()
            case "GET", ["proxies", _, "toxics", name]:
                return 200, proxy.toxic(name).describe()
            case "POST", ["proxies", _, "toxics", name]:
                changed = await proxy.update(name, given.get("attributes") or {}, given.get("toxicity"))
                return 200, changed.describe()
            case "DELETE", ["proxies", _, "toxics", name]:
                await proxy.remove(name)
                return 204, None
        return None

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Serve one request per connection (HTTP/1.1 with `Connection: close`)."""
        try:
            head = await reader.readuntil(b"\r\n\r\n")
            method, path, *_ = head.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
            fields = _fields(head)
            length = int(fields.get("content-length", "0"))
            refused = refusal(fields, loopback_only=self._loopback_only)
            if refused is not None:
                status, value = _error(403, refused)
            elif length > BODY_LIMIT:
                status, value = _error(413, f"a body over {BODY_LIMIT} bytes")
            elif length and not _is_json(fields.get("content-type", "")):
                status, value = _error(415, "send the body with Content-Type: application/json")
            else:
                status, value = await self.answer(method, path, await reader.readexactly(length))
        except (ValueError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            status, value = _error(400, "not an HTTP request")
        except ConnectionError:
            writer.close()
            return
        except Exception as error:  # whoever asks is told, rather than finding the connection closed
            status, value = _error(500, f"a bug of the proxy: {type(error).__name__}: {error}")
        body = b"" if value is None else json.dumps(value).encode()
        kind = b"" if value is None else b"Content-Type: application/json\r\n"
        reason = HTTPStatus(status).phrase
        writer.write(
            f"HTTP/1.1 {status} {reason}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n".encode()
            + kind
            + b"\r\n"
            + body
        )
        writer.close()


def _fields(head: bytes) -> dict[str, str]:
    """Lower-case header name -> value."""
    lines = (line.partition(":") for line in head.decode("latin-1").split("\r\n")[1:])
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _is_json(content_type: str) -> bool:
    return content_type.partition(";")[0].strip().lower() == "application/json"


def _error(status: int, text: str) -> Answer:
    return status, {"error": text, "status": status}
