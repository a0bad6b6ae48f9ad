"""The verdicts on all users of a run: their totals, and whether the realtime channel kept its promises to them.

Their HTTP requests are judged as in every load run. These verdicts add whether each socket could connect and whether each
heartbeat was answered within a second (W6). The checkers find wrong order and gaps of events.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from contracts.verdict import Grade, Verdict
from load.engine.recorder import LoadRecorder, OperationTally
from load.realtime.channel import CONNECT, HEARTBEAT, TimedChannel
from load.results.judging import Health

PEOPLE, LINES = "people", "people.sockets"
FLAW = "a socket "
"""The beginning of a socket's count of what it received that broke the channel's protocol."""
ProcessReport = Mapping[str, Mapping[str, Mapping[str, int]]]
"""The report of one process (`UserPool.report`)."""


def verdicts(reports: Iterable[ProcessReport], recorder: LoadRecorder, state: Health) -> Iterator[Verdict]:
    parts = list(reports)
    people = _added(part.get("people", {}) for part in parts)
    if not any(tally["steps"] for tally in people.values()):
        yield Verdict(check=PEOPLE, grade=Grade.UNKNOWN, reason="no user came to a single step")
    for name, tally in people.items():
        yield Verdict(
            check=PEOPLE, grade=Grade.PASS, subject=name, reason=_person(tally), evidence=dict(tally)
        )
    lines = _added(part.get("lines", {}) for part in parts)
    for name, tally in lines.items():
        yield Verdict(check=LINES, grade=Grade.PASS, subject=name, reason=_line(tally), evidence=dict(tally))
    if lines:
        yield _protocol(sum(lines.values(), Counter()))
    for channel in (CONNECT, HEARTBEAT):
        if channel.id in recorder.tallies:
            yield _kept(channel, recorder.tallies[channel.id], state)


def _added(parts: Iterable[Mapping[str, Mapping[str, int]]]) -> dict[str, Counter[str]]:
    """The sums by name; of `most sockets` the maximum."""
    found: dict[str, Counter[str]] = {}
    for part in parts:
        for name, tally in part.items():
            whole = found.setdefault(name, Counter())
            most = max(whole["most sockets"], tally.get("most sockets", 0))
            whole.update(tally)
            whole["most sockets"] = most
    return {name: +found[name] for name in sorted(found)}


def _person(tally: Mapping[str, int]) -> str:
    """The totals of one persona in one line.

    >>> _person(Counter(people=2, steps=9, requests=30, mounts=10, served=4, refreshes=1, expiries=1))
    '2 people, 9 steps, 30 requests; 40 % of 10 queries shown without one; 1 refreshes for 1 expiries'
    """
    t = Counter(tally)
    parts = [f"{t['people']} people, {t['steps']} steps, {t['requests']} requests"]
    if t["mounts"]:
        parts.append(
            f"{(t['served'] + t['joined']) / t['mounts']:.0%} of {t['mounts']} queries shown without one".replace(
                "%", " %"
            )
        )
    causes = {name.removeprefix("fetched by "): n for name, n in t.items() if name.startswith("fetched by ")}
    again = {name: n for name, n in sorted(causes.items()) if name not in ("mount", "mutation", "prefetch")}
    if again:
        parts.append("fetched again after " + ", ".join(f"{name} {n}" for name, n in again.items()))
    rest = ("revalidated", "retries", "replays", "broken", "fallbacks", "flushes", "measurements lost")
    parts += [f"{t[name]} {name}" for name in rest if t[name]]
    if t["refreshes"]:
        parts.append(f"{t['refreshes']} refreshes for {t['expiries']} expiries")
    return "; ".join(parts)


def _line(tally: Mapping[str, int]) -> str:
    t = Counter(tally)
    ends = ", ".join(f"{n} {name}" for name, n in sorted(t.items()) if name.startswith(("closed", "told")))
    reason = f"{t['connects']} connects, {t['opened']} opened, {t['events']} events, at most {t['most sockets']} sockets a client"
    return f"{reason}; {ends}" if ends else reason


def _protocol(tally: Counter[str]) -> Verdict:
    """The verdict on what the sockets received: frames of RFC 6455 with JSON objects."""
    flaws = {name: count for name, count in tally.items() if name.startswith(FLAW)}
    reason = "; ".join(f"{name} ({count} x)" for name, count in sorted(flaws.items()))
    return Verdict(
        check="realtime.protocol",
        grade=Grade.FAIL if flaws else Grade.PASS,
        subject="realtime",
        reason=reason,
        evidence=flaws,
    )


def _kept(channel: TimedChannel, tally: OperationTally, state: Health) -> Verdict:
    """The verdict on one kind of channel operation: no failure, and none above the limit. If the generator itself was late,
    slow ones are UNKNOWN."""
    evidence: dict[str, Any] = {
        "answered": tally.answered,
        "errors": tally.errors,
        "over": tally.over,
        "limitSeconds": channel.limit,
        "statuses": dict(tally.statuses),
    }
    check = f"realtime.{channel.label}"
    if tally.errors:
        kinds = ", ".join(
            f"{n} {k.removeprefix('error:')}" for k, n in tally.statuses.items() if k.startswith("error:")
        )
        reason = f"{tally.errors} of {tally.answered + tally.errors} failed: {kinds}"
        return Verdict(check=check, grade=Grade.FAIL, subject=channel.id, reason=reason, evidence=evidence)
    if not tally.over:
        return Verdict(check=check, grade=Grade.PASS, subject=channel.id, evidence=evidence)
    reason = f"{tally.over} of {tally.answered} took longer than {channel.limit:g} s"
    doubt = state.blind or state.unsteady
    grade = Grade.UNKNOWN if doubt else Grade.FAIL
    return Verdict(
        check=check,
        grade=grade,
        subject=channel.id,
        reason=f"{reason}, but {doubt}" if doubt else reason,
        evidence=evidence,
    )
