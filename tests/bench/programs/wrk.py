"""wrk as the generator of all throughput benches: prepared requests in, a report of what came back out.

The requests are made beforehand and sent in turn (wrk.lua), so that generating costs the same whoever answers.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

from tests.bench.programs.child_process import Child
from tests.bench.programs.installed import Unmeasured, find
from tests.bench.setting import Setting

CONNECTIONS = 64
LOOK, LOOKS = 0.1, 100
"""Seconds between two looks at whether a server has come to rest, and how many of them."""
SCRIPT = Path(__file__).with_name("wrk.lua")
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, slots=True)
class Report:
    """Of one run, or of several added up; times in seconds. `p99` of a sum is the largest of its parts.

    `processor` is what the server used of its core: unlike the rate, it hardly changes when others use the machine.
    """

    requests: int = 0
    seconds: float = 0.0
    refused: int = 0
    """Answers outside 2xx and 3xx."""
    broken: int = 0
    """Connections that failed, and answers that never came."""
    p99: float = 0.0
    processor: float = 0.0

    def __add__(self, other: Report) -> Report:
        return Report(
            self.requests + other.requests,
            self.seconds + other.seconds,
            self.refused + other.refused,
            self.broken + other.broken,
            max(self.p99, other.p99),
            self.processor + other.processor,
        )

    @property
    def rate(self) -> float:
        """Requests a second."""
        return self.requests / self.seconds if self.seconds else 0.0

    @property
    def success(self) -> float:
        """The share of requests that did what they were sent for."""
        tried = self.requests + self.broken
        return (self.requests - self.refused) / tried if tried else 0.0


def parse(text: str) -> Report:
    """What wrk printed with --latency. ValueError where it is no report of wrk's.

    >>> parse("  99%    1.50ms\\n  120 requests in 2.00s, 1MB read\\n  Non-2xx or 3xx responses: 20\\n")
    Report(requests=120, seconds=2.0, refused=20, broken=0, p99=0.0015, processor=0.0)
    """
    total = re.search(r"(\d+) requests in ([\d.]+)(us|ms|s|m|h)\b", text)
    if total is None:
        raise ValueError(f"wrk did not report: {text.strip()[:200]}")
    refused = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    errors = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", text)
    tail = re.search(r"^\s*99%\s+([\d.]+)(us|ms|s|m|h)\b", text, re.M)
    return Report(
        int(total[1]),
        float(total[2]) * _UNITS[total[3]],
        int(refused[1]) if refused else 0,
        sum(map(int, errors.groups())) if errors else 0,
        float(tail[1]) * _UNITS[tail[2]] if tail else 0.0,
    )


@dataclass(frozen=True, slots=True)
class Prepared:
    """One request as bytes. With `after`, the version stands between the two, and grows by one each time it is sent."""

    before: bytes
    after: bytes = b""
    version: int = 0

    @classmethod
    def of(
        cls, url: str, method: str, target: str, headers: Mapping[str, str], body: bytes = b"", version: int | None = None
    ) -> Self:  # fmt: skip
        """A body that holds the mark `{version}` is split there; JSON allows the blanks before the number."""
        fields = {"Host": urlsplit(url).netloc, **headers}
        if body:
            length = len(body) + (10 - len(MARK) if version is not None else 0)
            fields |= {"Content-Type": "application/json", "Content-Length": str(length)}
        head = (
            f"{method} {target} HTTP/1.1\r\n" + "".join(f"{k}: {v}\r\n" for k, v in fields.items()) + "\r\n"
        )
        if version is None:
            return cls(head.encode() + body)
        before, _, after = body.partition(MARK)
        return cls(head.encode() + before, after, version)


MARK = b"{version}"


def write(path: Path, requests: Iterable[Prepared]) -> None:
    """The file that wrk.lua reads."""
    with path.open("wb") as file:
        for one in requests:
            file.write(
                b"%d %d %d\n%s%s" % (len(one.before), len(one.after), one.version, one.before, one.after)
            )


def wrk(setting: Setting, server: Child, requests: Path, *, seconds: int = 1) -> Report:
    """One run: one thread, CONNECTIONS connections, each with one request on its way."""
    command = [
        *setting.cores.pin_generator(), find("wrk"), "-t1", f"-c{CONNECTIONS}", f"-d{seconds}s", "--timeout", "10s",
        "--latency", "-s", str(SCRIPT), server.url,
    ]  # fmt: skip
    before = server.processor()
    done = subprocess.run(
        command, env={**os.environ, "REQUESTS": str(requests)}, capture_output=True, text=True, check=False
    )
    try:
        report = parse(done.stdout or done.stderr)
    except ValueError as error:
        raise Unmeasured(str(error)) from None
    used = server.processor() - before
    rest(server.processor)
    return replace(report, processor=used)


def rest(processor: Callable[[], float], sleep: Callable[[float], None] = time.sleep) -> None:
    """Wait until a server has done with the requests whose clients have left: 64 of them that take 10 ms each would be in the
    way of whoever has the core next."""
    before = processor()
    for _ in range(LOOKS):
        sleep(LOOK)
        now = processor()
        if now - before <= LOOK / 10:
            return
        before = now
