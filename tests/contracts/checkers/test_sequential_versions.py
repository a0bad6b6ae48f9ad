"""The short way of `versions`, held against the folding: it settles most of what is well, and nothing else."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from contracts.checkers.item_versions import fold, judge_item, versions
from contracts.checkers.sequential_versions import sequential_items
from contracts.content_writes import WRITES
from contracts.history import Call, History, Outcome
from tests.contracts.checkers.history_drawing import history as drawn

HISTORIES = 6_000


class All:
    """Every item."""

    def __contains__(self, item: object) -> bool:
        return True


def folded(history: History) -> tuple[int, int, Counter[str]]:
    """(items, versions seen, findings by rule) as the folding alone has them."""
    registers = fold(history, All())
    rules = Counter(f.rule for item, register in registers.items() for f in judge_item(item, register, True))
    return len(registers), sum(len(register.seen) for register in registers.values()), rules


def judged(history: History) -> tuple[int, int, Counter[str]]:
    evidence = versions(history).evidence
    return evidence["items"], evidence.get("seen", 0), Counter(evidence.get("rules", {}))


class Server:
    """Answers calls one after the other about two items, and notes them as a recorder would."""

    def __init__(self, rng: random.Random) -> None:
        self.rng = rng
        self.now = self.wrote = 0
        self.versions = dict.fromkeys("ij", 1)
        self.status = dict.fromkeys("ij", "draft")

    def call(self) -> Call:
        rng, item = self.rng, self.rng.choice("ij")
        kind = rng.choice(KINDS)
        sent = self.now + rng.choice((1, 5, 5, 5, 5, 5, 5, -2))
        if kind in ("read", "rows", "window"):  # reads beside each other
            sent = max(self.wrote + 1, sent - rng.randrange(9))
        done = sent + rng.randint(1, 9)
        self.now = max(self.now, done)
        operation, facts, outcome = getattr(self, kind)(item)
        if operation in WRITES:
            self.wrote = self.now
        lost = rng.random() < 0.03
        if lost:
            facts = {name: facts[name] for name in ("item", "base", "ops") if name in facts}
            outcome = Outcome.INFO
        return Call(
            client="c", operation=operation, due=sent, sent=sent, done=None if lost else done, outcome=outcome, facts=facts
        )  # fmt: skip

    def shown(self, item: str, version: int | None = None) -> dict[str, Any]:
        version = version or self.versions[item]
        facts: dict[str, Any] = {"item": item, "version": version}
        digest = self.digest(item, version)
        return facts if digest is None else facts | {"digest": digest}

    def digest(self, item: str, version: int) -> str | None:
        return f"{item}{version}" if self.rng.random() < 0.5 else None

    def change(self, item: str, status: str) -> None:
        if status != self.status[item] or status == "draft":
            self.versions[item] += 1
            self.status[item] = status

    def read(self, item: str) -> Any:
        return "getContentItem", self.shown(item), Outcome.OK

    def old(self, item: str) -> Any:
        asked = self.rng.randint(1, self.versions[item])
        return "getContentItem", self.shown(item, asked) | {"asked": asked}, Outcome.OK

    def update(self, item: str) -> Any:
        base = self.versions[item]
        self.change(item, "draft")
        return "updateContentItem", self.shown(item) | {"base": base}, Outcome.OK

    def refused(self, item: str) -> Any:
        facts = {"item": item, "base": 0, "code": "VERSION_CONFLICT", "current": self.versions[item]}
        return "updateContentItem", facts, Outcome.FAIL

    def publish(self, item: str) -> Any:
        self.change(item, "published")
        return "publishContent", self.shown(item), Outcome.OK

    def archive(self, item: str) -> Any:
        self.change(item, "archived")
        return "archiveContent", {"item": item}, Outcome.OK

    def rows(self, item: str) -> Any:
        rows = [[name, version, "", self.digest(name, version)] for name, version in self.versions.items()]
        return "getContentItems", {"items": rows}, Outcome.OK

    def window(self, item: str) -> Any:
        """Of a sync: an item as it is or as it was."""
        version = self.rng.randint(1, self.versions[item])
        return "syncContent", {"items": [[item, version, "", self.digest(item, version)]]}, Outcome.OK

    def event(self, item: str) -> Any:
        """It comes when it comes: of now, or of an earlier version."""
        return "socket.event", self.shown(item, self.rng.randint(1, self.versions[item])), Outcome.OK

    def bulk(self, item: str) -> Any:
        ops: list[list[Any]] = []
        for name in self.rng.sample("ij", 2):
            kind = self.rng.choice(("update", "publish", "archive"))
            base = self.versions[name] if kind == "update" or self.rng.random() < 0.5 else None
            ops.append([kind, name, base])
            self.change(name, {"update": "draft", "publish": "published", "archive": "archived"}[kind])
        return "bulkUpdateContent", {"ops": ops, "succeeded": len(ops), "failed": []}, Outcome.OK


KINDS = [
    "read",
    "read",
    "read",
    "old",
    "update",
    "update",
    "refused",
    "publish",
    "archive",
    "bulk",
    "bulk",
    "rows",
    "rows",
    "window",
    "event",
]


def spoilt(calls: list[Call], rng: random.Random) -> list[Call]:
    """One call tells something else, comes at another time, or is missing."""
    place = rng.randrange(len(calls))
    call, facts = calls[place], dict(calls[place].facts)
    match rng.randrange(4):
        case 0:
            shift = rng.randint(-40, 40)
            changed = [
                replace(call, sent=call.sent + shift, done=None if call.done is None else call.done + shift)
            ]
        case 1:
            changed = []
        case 2 if "digest" in facts:
            changed = [replace(call, facts=facts | {"digest": "other"})]
        case _:
            step = rng.choice((-2, -1, 1, 2))
            for name in ("version", "current"):
                if name in facts:
                    facts[name] = max(1, facts[name] + step)
            if "items" in facts:
                facts["items"] = [
                    [item, max(1, version + step), *more] for item, version, *more in facts["items"]
                ]
            changed = [replace(call, facts=facts)]
    return [*calls[:place], *changed, *calls[place + 1 :]]


def test_the_short_way_finds_what_the_folding_finds() -> None:
    rng = random.Random(20261126)
    settled = bad = 0
    for number in range(HISTORIES):
        server = Server(rng)
        calls = [server.call() for _ in range(rng.randint(1, 14))]
        if number % 2:
            calls = spoilt(calls, rng)
        if number % 3 == 0:
            rng.shuffle(calls)
        history = tuple(calls)
        wanted = folded(history)
        assert judged(history) == wanted, [(c.operation, c.sent, c.done, dict(c.facts)) for c in history]
        assert number % 2 or not wanted[2], "a correct server's history has no finding"
        settled += sum(course is not None for course in sequential_items(history).values())
        bad += bool(wanted[2])
    assert settled > HISTORIES // 5 and bad > HISTORIES // 12, (settled, bad)


@pytest.mark.parametrize(
    ("drawing", "settled"),
    [
        pytest.param("a: |-create v1-| |-update v2-| |-read v2-| |-old v1-|", True, id="one-client"),
        pytest.param("a: |-create v1-| |-archive-| |-read v2-|", True, id="an-effect-that-is-not-told"),
        pytest.param("a: |-create v1-| |-archive-| |-archive-| |-update v3-|", True, id="one-of-two"),
        pytest.param("a: |-create v1-| |-update v2-|\nb:     |-read v1-|", False, id="an-overlap"),
        pytest.param("a: |-create v1-| |-update v2 ...", False, id="a-lost-answer"),
        pytest.param("a: |-create v1-| |-read v2-|", False, id="a-gap"),
        pytest.param("a: |-create v1-| |-update v2-| |-read v1-|", False, id="back"),
    ],
)
def test_what_is_settled(drawing: str, settled: bool) -> None:
    assert {item: course is not None for item, course in sequential_items(drawn(drawing)).items()} == {
        "i": settled
    }
