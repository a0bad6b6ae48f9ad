"""The comparison of our count of requests with the plan, and with the server's journal (`GET /_control/journal`) if it has one.

Both count all requests by operation and status, including warm-up and token refreshes, and must be equal except for requests
without an answer, which the server may have counted under any status. A difference means that somebody else uses the target, or
that one count is wrong.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import gevent
import msgspec

from contracts.json_text import JsonError, value_of
from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder
from load.http.connection import ExchangeError, HttpConnection, Pool
from load.http.target import Target

PATIENCE = 1.0
CHECK = "load.reconciled"
SHOWN = 6
Served = Mapping[tuple[str, int], int]
"""(operation, status) -> number of requests."""


def ledger(recorder: LoadRecorder, holes: Sequence[str]) -> Verdict:
    """The verdict that the counts add up: each planned arrival was sent or dropped, and each sent one was answered, failed or
    abandoned. `holes` are reasons why the counts are incomplete."""
    counted = recorder.done - recorder.starved + recorder.abandoned
    evidence = {
        "planned": recorder.planned,
        "sent": recorder.requests,
        "dropped": recorder.dropped.total(),
        "starved": recorder.starved,
        "answered": sum(tally.answered for tally in recorder.tallies.values()),
        "errors": recorder.errors,
        "abandoned": recorder.abandoned,
        "unfinished": recorder.unfinished,
        "upkeep": recorder.upkeep,
        "refreshes": recorder.refreshes,
    }
    wrong = ""
    if holes:
        wrong = f"{'; '.join(holes)}: what was sent last is not counted"
    elif not recorder.planned:
        wrong = "not one request was sent"
    elif recorder.planned != recorder.requests + recorder.dropped.total() + recorder.starved:
        wrong = (
            f"{recorder.planned} arrivals were planned, but sent, dropped and starved do not add up to that"
        )
    elif counted != recorder.requests:
        wrong = f"{recorder.requests} requests were sent, but {counted} were answered, abandoned or counted as errors"
    return Verdict(
        check="ledger", grade=Grade.UNKNOWN if wrong else Grade.PASS, reason=wrong, evidence=evidence
    )


class _Row(msgspec.Struct):
    operation: str
    status: int
    count: int


class _Journal(msgspec.Struct):
    served: list[_Row]


_JOURNAL = msgspec.json.Decoder(_Journal)


def read(target: Target) -> Served | None:
    """The requests that the server has served so far; None if it has no journal or does not answer."""
    request = (
        f"GET /_control/journal?limit=0 HTTP/1.1\r\nHost: {target.authority}\r\nConnection: close\r\n\r\n"
    )
    connection = HttpConnection()
    try:
        with gevent.Timeout(PATIENCE):
            Pool(target).open(connection)
            reply = connection.exchange(request.encode())
        if reply.status != 200:
            return None
        journal = value_of(reply.body, _JOURNAL)
    except (ExchangeError, OSError, JsonError, gevent.Timeout):
        return None
    finally:
        connection.close()
    return {(row.operation, row.status): row.count for row in journal.served}


def reconciled(
    before: Served | None, after: Served | None, wire: Mapping[str, int], missing: Sequence[str]
) -> Verdict:
    """The verdict that our count and the server's agree. `before` and `after` are the journal at both ends of the run, `wire` is
    the recorder's count, `missing` are the processes without counts."""
    if before is None:
        return Verdict(
            check=CHECK, grade=Grade.ADVISORY, reason="the target has no journal to hold our count against (mock_server --control has one): not checked"
        )  # fmt: skip
    if after is None or missing:
        reason = (
            f"{', '.join(missing)} went away" if missing else "the journal could not be read after the run"
        )
        return Verdict(check=CHECK, grade=Grade.UNKNOWN, reason=f"not reconciled: {reason}")
    ours, lost = _ours(wire)
    theirs = {key: after.get(key, 0) - before.get(key, 0) for key in {*before, *after}}
    wrong = differences(ours, lost, theirs)
    evidence: dict[str, Any] = {
        "client": sum(ours.values()) + sum(lost.values()),
        "server": sum(theirs.values()),
        "unanswered": sum(lost.values()),
    }
    if not wrong:
        return Verdict(check=CHECK, grade=Grade.PASS, evidence=evidence)
    listed = "; ".join(wrong[:SHOWN]) + ("; …" if len(wrong) > SHOWN else "")
    reason = f"our count and the server's differ, is somebody else using it? {listed}"
    return Verdict(check=CHECK, grade=Grade.UNKNOWN, reason=reason, evidence=evidence)


def _ours(wire: Mapping[str, int]) -> tuple[Counter[tuple[str, int]], Counter[str]]:
    answered: Counter[tuple[str, int]] = Counter()
    lost: Counter[str] = Counter()
    for name, count in wire.items():
        operation, _, status = name.partition(" ")
        if status == "lost":
            lost[operation] += count
        else:
            answered[operation, int(status)] += count
    return answered, lost


def differences(
    ours: Mapping[tuple[str, int], int], lost: Mapping[str, int], theirs: Mapping[tuple[str, int], int]
) -> list[str]:
    """One line for each operation and status that differ, in alphabetical order.

    >>> differences({("login", 200): 3}, {"login": 1}, {("login", 200): 4})
    []
    >>> differences({("login", 200): 3}, {}, {("login", 200): 4})
    ['login 200: 3 here, 4 there']
    """
    found = []
    for operation in sorted({name for name, _ in (*ours, *theirs)} | set(lost)):
        statuses = sorted({status for name, status in (*ours, *theirs) if name == operation})
        surplus = {s: theirs.get((operation, s), 0) - ours.get((operation, s), 0) for s in statuses}
        unknown = lost.get(operation, 0)
        if min(surplus.values(), default=0) >= 0 and sum(surplus.values()) <= unknown:
            continue
        found += [
            f"{operation} {s}: {ours.get((operation, s), 0)} here, {theirs.get((operation, s), 0)} there"
            + (f" ({unknown} without an answer)" if unknown else "")
            for s in statuses
            if surplus[s]
        ]
    return found
