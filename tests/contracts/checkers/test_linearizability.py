"""The exhaustive search by itself, and the fast checker of versions against it on thousands of small histories."""

import random
from collections.abc import Iterable
from typing import Any, NamedTuple

import pytest
from msgspec.structs import replace

from contracts.checkers.item_versions import versions
from contracts.history import Call, History, Outcome
from contracts.verdict import Grade
from tests.contracts.checkers.history_drawing import answered
from tests.contracts.checkers.linearizability_search import SearchTooLarge, Timed, order

HISTORIES = 6000


class Op(NamedTuple):
    kind: str  # write, maybe, blind, read
    version: int


def register(state: int, op: Op) -> Iterable[int]:
    """A versioned register: what each kind of call allows."""
    if op.kind == "read":
        return [state] if state == op.version else []
    if op.kind == "write":
        return [op.version] if state == op.version - 1 else []
    if op.kind == "maybe":  # answered with a version that it made or found
        return [op.version] if state in (op.version - 1, op.version) else []
    return [state + 1, state]  # blind


def step(state: int, op: tuple[str, int]) -> list[int]:
    kind, value = op
    return [value] if kind == "w" else [state] if state == value else []


@pytest.mark.parametrize(
    ("calls", "possible"),
    [
        pytest.param([], True, id="empty"),
        pytest.param([(0, 5, ("w", 1)), (6, 9, ("r", 1))], True, id="after"),
        pytest.param([(0, 5, ("w", 1)), (6, 9, ("r", 0))], False, id="stale"),
        pytest.param([(0, 5, ("w", 1)), (5, 9, ("r", 0))], True, id="touching"),
        pytest.param([(0, None, ("w", 1)), (6, 9, ("r", 0)), (10, 12, ("r", 1))], True, id="late-unknown"),
        pytest.param([(0, None, ("w", 1)), (6, 9, ("r", 1)), (10, 12, ("r", 0))], False, id="unknown-undone"),
        pytest.param([(0, None, ("w", 1)), (6, 9, ("r", 0))], True, id="unknown-never"),
        pytest.param([(0, 9, ("w", 1)), (1, 8, ("w", 2)), (10, 12, ("r", 1))], True, id="two-writers"),
        pytest.param([(0, 9, ("w", 1)), (1, 8, ("w", 2)), (10, 12, ("r", 1)), (13, 14, ("r", 2))], False, id="flip"),
    ],
)  # fmt: skip
def test_search(calls: list[tuple[int, int | None, tuple[str, int]]], possible: bool) -> None:
    found = order([Timed(*call) for call in calls], 0, step)
    assert (found is not None) == possible
    if found is not None:
        state = 0
        for index in found:
            (state,) = step(state, calls[index][2])


def test_a_search_that_is_too_large_says_so() -> None:
    calls = [Timed(0, 100, ("w", n)) for n in range(12)] + [Timed(101, 102, ("r", -1))]
    with pytest.raises(SearchTooLarge, match="more than 50 steps"):
        order(calls, 0, step, budget=50)


def good(random: random.Random) -> list[Call]:
    """A history of one item that a correct server could have given: each call takes effect at one moment inside it."""
    moments = sorted(random.sample(range(200), random.randint(2, 8)))
    version, status = 1, "draft"
    calls = []
    for number, moment in enumerate(moments):
        sent, done = moment - random.randint(0, 40), moment + random.randint(0, 40)
        kind = random.choice(["read", "read", "update", "update", "archive", "publish", "revert", "conflict"])
        facts: dict[str, Any] = {"item": "i"}
        outcome = Outcome.OK
        operation = {
            "read": "getContentItem",
            "conflict": "updateContentItem",
            "revert": "revertContentVersion",
        }.get(kind, f"{kind}Content{'Item' * (kind == 'update')}")
        applied = True
        if kind in ("update", "archive", "publish", "revert") and random.random() < 0.2:
            outcome = Outcome.INFO
            applied = random.random() < 0.5
        if kind == "update":
            facts["base"] = version
        if kind == "conflict":
            outcome, facts = Outcome.FAIL, {**facts, "base": 0, "current": version}
        elif kind in ("update", "revert") and applied:
            version += 1
            status = "draft" if kind == "revert" else status
        elif kind == "archive" and applied and status != "archived":
            version, status = version + 1, "archived"
        elif kind == "publish" and applied and status == "draft":
            version, status = version + 1, "published"
        if outcome is Outcome.OK and kind != "archive":
            facts["version"] = version
        calls.append(
            answered(operation, sent, client=f"c{number}", lasts=done - sent, outcome=outcome, **facts)
        )
    return calls


def spoil(calls: list[Call], random: random.Random) -> list[Call]:
    """The same history with one version changed, one call moved, or one call left out."""
    place = random.randrange(len(calls))
    call = calls[place]
    facts = dict(call.facts)
    choice = random.random()
    if choice < 0.5 and ("version" in facts or "current" in facts):
        name = "version" if "version" in facts else "current"
        facts[name] = max(1, facts[name] + random.choice([-2, -1, 1, 2]))
        if name == "version" and "base" in facts:
            facts["base"] = facts["version"] - 1
        changed = [_with(call, call.sent, call.done, facts)]
    elif choice < 0.8:
        shift = random.randint(-150, 150)
        changed = [_with(call, call.sent + shift, None if call.done is None else call.done + shift, facts)]
    else:
        changed = []
    return calls[:place] + changed + calls[place + 1 :]


def _with(call: Call, sent: int, done: int | None, facts: dict[str, Any]) -> Call:
    return replace(call, due=sent, sent=sent, done=done, facts=facts)


def explained(history: History) -> bool:
    """The exhaustive answer, with the item as it was before the first call as the lowest version seen."""
    calls = []
    for call in history:
        version = call.facts.get("version", call.facts.get("current", 0))
        if call.outcome is Outcome.INFO:
            base = call.facts.get("base")
            op = Op("blind", 0) if base is None else Op("write", base + 1)
        elif call.operation == "archiveContent":
            op = Op("blind", 0)
        elif call.operation == "publishContent":
            op = Op("maybe", version)
        elif call.operation == "getContentItem" or call.outcome is Outcome.FAIL:
            op = Op("read", version)
        else:
            op = Op("write", version)
        calls.append(Timed(call.sent, call.done, op))
    known = [c.operation.version for c in calls if c.operation.version and c.end is not None]
    return any(order(calls, start, register) is not None for start in ((min(known)), min(known) - 1))


def test_the_fast_checker_agrees_with_the_exhaustive_search() -> None:
    seeded = random.Random(20261122)
    verdicts = {True: 0, False: 0}
    for number in range(HISTORIES):
        calls = good(seeded)
        if number % 2:
            calls = spoil(calls, seeded)
        history = tuple(sorted(calls, key=lambda call: call.sent))
        verdict = versions(history)
        if verdict.grade is Grade.UNKNOWN:
            continue
        expected = explained(history)
        assert (verdict.grade is Grade.PASS) == expected, (
            number,
            verdict.reason,
            [(c.operation, c.sent, c.done, dict(c.facts)) for c in history],
        )
        assert number % 2 or expected, "a correct server's history is explained"
        verdicts[expected] += 1
    assert verdicts[True] > 3000 and verdicts[False] > 700, verdicts
