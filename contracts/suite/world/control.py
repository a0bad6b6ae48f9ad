"""The client of a target's optional control interface, with which checks move its clock and steer its sockets and events."""

import contextlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from contracts.suite.client.http_exchange import HttpAnswer, HttpRequest
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import ContractViolation, Unchecked, Unreachable
from contracts.suite.world.accounts import Accounts
from contracts.suite.world.target_client import TargetClient


class ControlInterface:
    """The control interface at the URL `base`, which may be on another host than the API. Its exchanges do not belong to the API, so they
    are neither judged nor counted."""

    def __init__(self, accounts: Accounts, base: str, timeout: float) -> None:
        self._accounts = accounts
        self.base = base.rstrip("/")
        self._host = "{0.scheme}://{0.netloc}".format(urlsplit(base))
        self._timeout = timeout

    def request(self, method: str, path: str, body: Any = None) -> HttpAnswer:
        content = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json"} if content else {}
        request = HttpRequest(method=method, url=f"{self.base}{path}", headers=headers, body=content)
        connection = Connection(self._host, timeout=self._timeout)
        try:
            return HttpAnswer(connection.send(request))
        finally:
            connection.close()

    def advance(self, seconds: float) -> None:
        """Move the clock, and drop all cached sessions, because they may have expired."""
        self.request("POST", "/clock", {"advanceMs": round(seconds * 1000)}).must(200)
        self._accounts.forget()

    @contextlib.contextmanager
    def frozen(self) -> Iterator[float]:
        """Freeze the clock during the block; yields its time in seconds since 1970."""
        state = self.request("POST", "/clock", {"frozen": True}).must(200)
        try:
            yield datetime.fromisoformat(state.member("now")).timestamp()
        finally:
            self.request("POST", "/clock", {"frozen": False}).must(200)

    def push(self, event: dict[str, Any]) -> int:
        return int(self.request("POST", "/events", event).must(200).member("sockets"))

    def sockets(self, action: str, number: str = "all") -> None:
        self.request("POST", f"/sockets/{number}/{action}").must(200)

    def list_sockets(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.request("GET", "/sockets").must(200).member("sockets")
        return found


def find(target: TargetClient, accounts: Accounts) -> ControlInterface | None:
    """The control interface that the user named, by its URL or by that of its server; else the target's at `/_control`. None if it does not
    answer."""
    wanted = target.settings.control
    if wanted == "off":
        return None
    place = wanted or target.host
    place = place if urlsplit(place).path.strip("/") else f"{place.rstrip('/')}/_control"
    control = ControlInterface(accounts, place, target.settings.timeout)
    try:
        answer = control.request("GET", "/state")
        known = answer.status == 200 and {"now", "frozen"} <= set(answer.json)
    except (ContractViolation, Unreachable, Unchecked, TypeError):
        return None
    return control if known else None
