"""The lanes of a concurrent history: an excerpt for the report, with one lane for each client, around the calls that a checker blames.

A history has thousands of calls; a reader wants to see the two that contradict each other and those beside them. A record therefore
keeps the blamed calls, then the calls about the same items, sessions or sockets that are nearest in time. Facts that are lists are left
out, and times count from the first call of the whole history.

    >>> from contracts.checkers import judge
    >>> from contracts.history import OK
    >>> facts = {"item": "i", "base": 1, "version": 2}
    >>> calls = tuple(
    ...     Call(client=name, operation="updateContentItem", due=sent, sent=sent, done=9, outcome=OK, facts=facts)
    ...     for sent, name in enumerate("ab")
    ... )
    >>> record = excerpt("races.demo", calls, judge(calls, checks=["lost-update"]))
    >>> record.findings[0].reason, record.findings[0].calls
    ('two updates of i from version 1 were both accepted', [0, 1])
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import Field, model_validator

from contracts.history import Call, History
from contracts.run.values import Count, GradeName, RunValue
from contracts.verdict import Grade, Verdict

CALLS, LANES, RECORDS = 200, 32, 8
"""The most calls and clients of a record, and the most records of a run."""
FACTS = (
    "item", "version", "base", "asked", "current", "code", "action", "event", "session", "presented", "issued", "succeeded",
)  # fmt: skip
"""Facts that describe a call in a word."""


class LaneCall(RunValue):
    """One call of a lane. `sent` and `done` are ns since the history's first call; `done` is None if no answer came."""

    client: str
    operation: str
    sent: Count
    done: Count | None
    outcome: Literal["ok", "fail", "info"]
    status: Count | None = None
    facts: dict[str, str | int | bool | None] = Field(default_factory=dict)


class LaneFinding(RunValue):
    """A checker's finding, with the indices of the calls that it blames."""

    check: str
    rule: str = ""
    reason: str
    calls: list[Count]


class LaneRecord(RunValue):
    """One history as lanes, one for each client. `check` is the id of the contract check that made it, or `load.<scenario>`."""

    check: str
    grade: GradeName
    operation: str = ""
    reason: str = ""
    calls: list[LaneCall]
    findings: list[LaneFinding] = Field(default_factory=list)
    total: Count
    """The number of calls of the whole history."""
    judge: str = ""
    """A command that judges the whole history again, without a server."""

    @model_validator(mode="after")
    def _sound(self) -> LaneRecord:
        if any(index >= len(self.calls) for finding in self.findings for index in finding.calls):
            raise ValueError("a finding blames a call that is not there")
        if any(call.done is not None and call.done < call.sent for call in self.calls):
            raise ValueError("a call ends before it begins")
        return self


def excerpt(
    check: str, history: History, verdicts: Iterable[Verdict], *, operation: str = "", grade: Grade | None = None,
    reason: str = "", blamed: Iterable[Call] = (), judge: str = "",
) -> LaneRecord:  # fmt: skip
    """The lanes of a history around the calls that a verdict blames. If the check itself has judged, `grade` and `reason` are its
    judgement, and `blamed` the calls that it names."""
    calls = sorted(history, key=lambda call: call.sent)
    red = [verdict for verdict in verdicts if verdict.grade is Grade.FAIL]
    places = {_name(call): index for index, call in enumerate(calls)}
    named = [finding for verdict in red for finding in _findings(verdict, places)]
    own = sorted({places[_name(call)] for call in blamed if _name(call) in places})
    if own and not any(set(own) <= set(finding.calls) for finding in named):
        named.append(LaneFinding(check=check, reason=reason, calls=own))
    kept = _kept(calls, {index for finding in named for index in finding.calls})
    start = calls[0].sent if calls else 0
    moved = {index: place for place, index in enumerate(kept)}
    reasons = "; ".join(f"{verdict.check}: {verdict.reason}" for verdict in red)
    return LaneRecord.model_validate(
        {
            "check": check,
            "grade": (grade if grade is not None else Grade.FAIL if red else Grade.PASS).name,
            "operation": operation,
            "reason": reason or reasons,
            "calls": [_shown(calls[index], start) for index in kept],
            "findings": [
                finding.model_copy(update={"calls": [moved[i] for i in finding.calls if i in moved]})
                for finding in named
            ],
            "total": len(calls),
            "judge": judge,
        }
    )


def of_load(scenario: str, history: History, verdicts: Iterable[Verdict]) -> list[LaneRecord]:
    """The record of a load run's history if a checker blames calls of it; else nothing."""
    red = [verdict for verdict in verdicts if verdict.grade is Grade.FAIL and verdict.evidence.get("first")]
    return [excerpt(f"load.{scenario}", history, red)] if red else []


def chosen(records: Iterable[LaneRecord]) -> list[LaneRecord]:
    """The records that a run keeps: the failures, or if there are none, the one with the most clients as an example."""
    found = sorted(records, key=lambda record: record.check)
    red = [record for record in found if record.grade == "FAIL"]
    return red[:RECORDS] or sorted(found, key=lambda record: -len({call.client for call in record.calls}))[:1]


Name = tuple[str, str, int]


def _name(call: Call) -> Name:
    return call.client, call.operation, call.sent


def _findings(verdict: Verdict, places: Mapping[Name, int]) -> Iterator[LaneFinding]:
    """The examples in a verdict's evidence (contracts.checkers.findings), with calls as indices."""
    for shown in verdict.evidence.get("first", ()):
        names = [(call["client"], call["operation"], call["sent"]) for call in shown["calls"]]
        calls = [places[name] for name in names if name in places]
        yield LaneFinding(
            check=verdict.check, rule=shown["rule"], reason=shown["reason"], calls=sorted(set(calls))
        )


def _kept(calls: Sequence[Call], blamed: set[int]) -> list[int]:
    """The indices of the kept calls, ascending: the blamed ones, and the nearest of those about the same items, sessions or sockets."""
    first = sorted(blamed)[:CALLS]
    touched = {key for index in first for key in _touches(calls[index])}
    others = [
        index for index, call in enumerate(calls) if index not in blamed and (not touched or touched & _touches(call))
    ]  # fmt: skip
    if first:
        moments = [calls[index].sent for index in first]
        low, high = min(moments), max(moments)
        # Calls between two blamed ones have distance 0.
        others.sort(key=lambda index: max(low - calls[index].sent, calls[index].sent - high, 0))
    lanes = {calls[index].client for index in first}
    kept = list(first)
    for index in others:
        client = calls[index].client
        if len(kept) < CALLS and (client in lanes or len(lanes) < LANES):
            lanes.add(client)
            kept.append(index)
    return sorted(kept)


def _touches(call: Call) -> set[Any]:
    facts = call.facts
    found = {facts[name] for name in ("item", "session", "socket") if facts.get(name)}
    found |= {row[1] for row in facts.get("ops", ()) if len(row) > 1}
    return found | {row[0] for row in facts.get("items", ())}


def _shown(call: Call, start: int) -> LaneCall:
    facts = {
        name: call.facts[name]
        for name in FACTS
        if isinstance(call.facts.get(name), str | int | bool)
    }  # fmt: skip
    return LaneCall(
        client=call.client,
        operation=call.operation,
        sent=call.sent - start,
        done=None if call.done is None else call.done - start,
        outcome=call.outcome.value,
        status=call.status,
        facts=facts,
    )
