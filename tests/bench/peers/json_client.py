"""Plain HTTP for asking a server what it does: JSON in, JSON out, one connection, no redirects, no pool."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Answer:
    """Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """The document, or None where the body is none."""
        try:
            return json.loads(self.body)
        except ValueError:
            return None

    def at(self, *path: str | int) -> Any:
        """What stands at a place of the document; None where there is no such place."""
        found = self.json
        for step in path:
            try:
                found = found[step]
            except (KeyError, IndexError, TypeError):
                return None
        return found


class JsonClient:
    """`ask` sends one request and reads its whole answer; a connection that the server closed is opened again."""

    def __init__(self, url: str, token: str = "") -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.token = token

    def ask(self, method: str, target: str, document: Any = None, **headers: str) -> Answer:
        """`document` None sends no body. `authorization=""` leaves the token out."""
        fields = {"authorization": f"Bearer {self.token}" if self.token else "", **headers}
        sent = {name.replace("_", "-"): value for name, value in fields.items() if value}
        body = None
        if document is not None:
            body = json.dumps(document).encode()
            sent["content-type"] = "application/json"
        for last in (False, True):
            try:
                self._connection.request(method, target, body, sent)
                answer = self._connection.getresponse()
                break
            except (http.client.RemoteDisconnected, ConnectionResetError, BrokenPipeError):
                self._connection.close()
                if last:
                    raise
        told = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, told, answer.read())

    def close(self) -> None:
        self._connection.close()

    def __enter__(self) -> JsonClient:
        return self

    def __exit__(self, *raised: object) -> None:
        self.close()
