"""The reader of access logs: the operations of real traffic, their shares and their times.

It reads the common and the combined log format of web servers, and HAR files of browsers. A request counts if the document has an
operation for its method and path; the others, such as pictures and health checks, are only counted.

    >>> from contracts.spec import load
    >>> line = b'10.0.0.1 - - [12/Mar/2026:10:00:01 +0000] "GET /api/content/items?page=2 HTTP/1.1" 200 512'
    >>> read(line, spec=load(), name="access.log").weights
    {'getContentItems': 1}
"""

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from urllib.parse import urlsplit

from contracts.spec import Spec
from load.scenarios.arrival_plan import SECOND, Arrival, PlanError

LINE = re.compile(rb'\[(?P<at>[^\]]+)\] "(?P<method>[A-Z]+) (?P<target>\S+)[^"]*" \d{3}')
STAMP = "%d/%b/%Y:%H:%M:%S %z"
MOST = 1000
"""The largest sum of the weights of a log, which is enough for a share of one in a thousand."""


class LoggedRequest(NamedTuple):
    """One request of an access log. `at` is in seconds since 1970."""

    at: float
    method: str
    target: str


@dataclass(frozen=True, slots=True)
class AccessLog:
    """The requests of an access log that are operations of the document. `arrivals` count from the first request; `others` is
    the number of lines that are no operation or cannot be read."""

    arrivals: tuple[Arrival, ...]
    others: int

    @property
    def weights(self) -> Mapping[str, int]:
        counts = Counter(arrival.journey for arrival in self.arrivals)
        scale = min(1.0, MOST / counts.total())
        return {name: max(1, round(count * scale)) for name, count in counts.most_common()}

    def faster(self, speed: float) -> tuple[Arrival, ...]:
        return tuple(Arrival(round(arrival.due / speed), arrival.journey) for arrival in self.arrivals)


def read(text: bytes, *, spec: Spec, name: str) -> AccessLog:
    """Read a log. PlanError if none of its requests is an operation of the document."""
    found: list[tuple[float, str]] = []
    others = 0
    for request in _har(text, name) if text.lstrip()[:1] == b"{" else _lines(text):
        operation = None if request is None else _operation(request, spec)
        if request is None or operation is None:
            others += 1
        else:
            found.append((request.at, operation))
    if not found:
        raise PlanError(
            f"{name}: none of its {others} requests is an operation of {spec.title or 'the document'}"
        )
    found.sort()
    first = found[0][0]
    return AccessLog(
        tuple(Arrival(round((at - first) * SECOND), operation) for at, operation in found), others
    )


def _operation(request: LoggedRequest, spec: Spec) -> str | None:
    try:
        path = urlsplit(request.target).path
    except ValueError:
        return None
    for prefix in sorted(spec.prefixes, key=len, reverse=True):
        if path.startswith(f"{prefix}/"):
            operation, _, _ = spec.match(request.method, path.removeprefix(prefix))
            if operation is not None:
                return operation.id if request.method == operation.method else None
    return None


def _lines(text: bytes) -> Iterator[LoggedRequest | None]:
    """The requests of a web server's log; None for a line in another format."""
    for line in text.splitlines():
        found = LINE.search(line)
        if not line.strip():
            continue
        try:
            yield None if found is None else LoggedRequest(
                datetime.strptime(found["at"].decode(), STAMP).timestamp(), found["method"].decode(),
                found["target"].decode("latin-1"),
            )  # fmt: skip
        except ValueError:
            yield None


def _har(text: bytes, name: str) -> Iterator[LoggedRequest | None]:
    try:
        entries = json.loads(text)["log"]["entries"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise PlanError(f"{name} begins like JSON and is no HAR file: it has no log.entries") from None
    for entry in entries if isinstance(entries, list) else ():
        try:
            asked = entry["request"]
            at = datetime.fromisoformat(entry["startedDateTime"]).timestamp()
            words = isinstance(asked["method"], str) and isinstance(asked["url"], str)
            yield LoggedRequest(at, asked["method"], asked["url"]) if words else None
        except (KeyError, TypeError, ValueError, OverflowError):
            yield None
