"""Faults in the realtime channel: messages late, lost, twice, out of order, or altered on the way."""

import json
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from tests.differences.proxy.message import Request
from tests.differences.row import Intercept, Row

Told = Iterable[tuple[float, str]]


class Events(Intercept):
    """Each message of the server through a function of the message and its number: messages with delays."""

    def __init__(self, change: Callable[[dict[str, Any], int], list[tuple[float, dict[str, Any]]]]) -> None:
        self._change = change
        self._number = 0

    def down(self, text: str) -> Told:
        self._number += 1
        value = json.loads(text)
        for delay, made in self._change(value, self._number):
            yield delay, text if made is value and json.loads(text) == value else json.dumps(made)


class Held(Intercept):
    """Every second event is sent after the one that follows it."""

    def __init__(self) -> None:
        self._held: str | None = None

    def down(self, text: str) -> Told:
        if json.loads(text)["type"] != "content_updated":
            yield 0.0, text
        elif self._held is None:
            self._held = text
        else:
            held, self._held = self._held, None
            yield 0.0, text
            yield 0.0, held


def _events(
    kind: str, change: Callable[[dict[str, Any], int], list[tuple[float, dict[str, Any]]]]
) -> Callable[[], Intercept]:
    return lambda: Events(lambda v, n: change(v, n) if v["type"] == kind else [(0.0, v)])


def _with(**data: Any) -> Callable[[dict[str, Any], int], list[tuple[float, dict[str, Any]]]]:
    return lambda v, n: [(0.0, {**v, "data": {**v["data"], **data}})]


def _greeting(value: dict[str, Any], number: int) -> list[tuple[float, dict[str, Any]]]:
    return [(0.0, {"type": "connected", "data": {"number": number}}), (0.0, value)]


def _swapped_actions(value: dict[str, Any], number: int) -> list[tuple[float, dict[str, Any]]]:
    other = {"updated": "published", "published": "updated"}
    data = value["data"]
    return [(0.0, {**value, "data": {**data, "action": other.get(data["action"], data["action"])}})]


def _seconds(value: dict[str, Any], number: int) -> list[tuple[float, dict[str, Any]]]:
    return [(0.0, {**value, "data": {**value["data"], "timestamp": value["data"]["timestamp"] // 1000}})]


class WithoutChannel(Intercept):
    """A gateway that knows no WebSocket: the path is not there."""

    def request(self, request: Request) -> Request:
        path, mark, query = request.target.partition("?")
        return replace(request, target=f"{path}-not-here{mark}{query}") if path.endswith("/ws") else request

    opening = request


_ROWS: tuple[tuple[str, str, Callable[[], Intercept], str], ...] = (
    ("events-late", "asyncapi: within 1 s", _events("content_updated", lambda v, n: [(3.0, v)]), "realtime.delivery"),
    ("events-doubled", "W2: versions strictly increase", _events("content_updated", lambda v, n: [(0.0, v), (0.0, v)]), "realtime.versions-increase"),
    ("events-doubled-late", "W2: versions strictly increase", _events("content_updated", lambda v, n: [(0.0, v), (0.2, v)]), "realtime.event-per-change"),
    ("events-one-in-ten-lost", "W3: every commit reaches every socket", _events("content_updated", lambda v, n: [(0.0, v)] if n % 10 else []), "realtime.versions-increase"),
    ("events-out-of-order", "asyncapi: in the order of the commits", Held, "realtime.commit-order"),
    ("event-title-cut", "asyncapi: the title after the change", _events("content_updated", lambda v, n: _with(title=v["data"]["title"][:5])(v, n)), "realtime.event-per-change"),
    ("event-actions-swapped", "asyncapi: what made the version", _events("content_updated", _swapped_actions), "realtime.event-per-change"),
    ("event-version-text", "asyncapi: version is an integer", _events("content_updated", lambda v, n: _with(version=str(v["data"]["version"]))(v, n)), "realtime.messages"),
    ("heartbeats-unanswered", "W6", _events("heartbeat_response", lambda v, n: []), "realtime.heartbeat-answered"),
    ("heartbeats-answered-late", "W6: within 1 s", _events("heartbeat_response", lambda v, n: [(1.5, v)]), "realtime.heartbeat-answered"),
    ("heartbeats-in-seconds", "F10: milliseconds", _events("heartbeat_response", _seconds), "realtime.heartbeat-answered"),
    ("echo-of-another", "R14: the stamp of the heartbeat answered", _events("heartbeat_response", _with(echo=1)), "realtime.heartbeat-answered"),
    ("presence-lost", "F10: user_status_changed", _events("user_status_changed", lambda v, n: []), "realtime.user-status"),
    ("presence-inverted", "F10: user_status_changed", _events("user_status_changed", lambda v, n: _with(status="offline" if v["data"]["status"] == "online" else "online")(v, n)), "realtime.user-status"),
    ("errors-of-one-code", "asyncapi: the code of what was wrong", _events("error", _with(code="BAD_MESSAGE")), "frames.texts"),
    ("without-channel", "asyncapi: where the channel is", WithoutChannel, "realtime.handshake"),
    ("greeting", "asyncapi: no message but those listed", lambda: Events(_greeting), "realtime.messages"),
)  # fmt: skip
CHANNEL: tuple[Row, ...] = tuple(
    Row(name=name, why=why, make=make, channel="alter", checks=tuple(checks.split()))
    for name, why, make, checks in _ROWS
)
