"""The cache against recordings of the real @reduxjs/toolkit with the guide's endpoint definitions.

Random programs (mounts, prefetches, mutations, answers in any order, passing time, focus, reconnect) were played on
both. After each step the same requests must have gone out, and the same answers be cached with as many subscribers.
"""

import hashlib
import json
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from contracts.spec import load
from load.virtual_users.guide.cache import optimistic
from load.virtual_users.guide.cache.cache_tags import Tag, TagTable
from load.virtual_users.guide.cache.optimistic import Patched
from load.virtual_users.guide.cache.query_cache import (
    CacheEffect,
    CacheRules,
    Fetch,
    QueryCache,
    QueryOutcome,
)
from load.virtual_users.guide.exchange import ArmTimer, Ask, CancelTimer, Timer
from load.virtual_users.guide.persona import lifetimes, make

SPEC = load()
START = 1_800_000_000.0
RECORDED = json.loads(Path(__file__).with_name("rtk_traces.json").read_text())


class LoadWorker:
    """`asked` are fetches by the name that the recording gives them: key, `#`, how often it had been asked."""

    def __init__(self, own: bool, invalidation: Any) -> None:
        keep = lifetimes(SPEC, make("web", "guide-intended" if own else "guide-exact"))
        self.cache = QueryCache(TagTable(SPEC), CacheRules(keep=keep, invalidation=invalidation), count(1))
        self.now = START
        self.mounted: list[int] = []
        self.asked: dict[str, Fetch] = {}
        self.sent: list[str] = []
        self.timers: dict[Timer, float] = {}
        self.patches: dict[int, Patched] = {}

    def do(self, effects: list[CacheEffect]) -> None:
        for effect in effects:
            match effect:
                case Fetch(_, ask):
                    times = sum(name.startswith(f"{ask.key}#") for name in self.asked)
                    self.asked[f"{ask.key}#{times + 1}"] = effect
                    self.sent.append(ask.key)
                case ArmTimer(timer, delay):
                    self.timers[timer] = self.now + delay
                case CancelTimer(timer):
                    self.timers.pop(timer, None)

    def step(self, what: str, *rest: Any) -> None:
        self.sent = []
        match what, rest:
            case "sub", (operation, arg):
                number, effects = self.cache.subscribe(Ask(operation, arg), self.now)
                self.mounted.append(number)
                self.do(effects)
            case "unsub", (index,):
                self.do(self.cache.unsubscribe(self.mounted[index]))
            case "prefetch", (operation, arg):
                self.do(self.cache.prefetch(Ask(operation, arg), self.now))
            case "mutate", (operation, arg):
                self.mutate(Ask(operation, arg))
            case "answer", (name, ok, body):
                self.answer(self.asked[name], ok, body)
            case "time", (seconds,):
                self.pass_time(seconds)
            case "focus", ():
                self.do(self.cache.focus())
            case "online", ():
                self.do(self.cache.reconnect())
            case "invalidate", (tag,):
                self.do(self.cache.invalidate([Tag(tag["type"], tag.get("id"))], "test"))
            case _:
                raise AssertionError(f"the recording has a step {what} that nobody knows")

    def mutate(self, ask: Ask) -> None:
        ticket, effects = self.cache.begin(ask)
        self.do(effects)
        stamp = (
            datetime.fromtimestamp(self.now, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        )
        if ask.operation == "createContentItem":
            made = optimistic.create(self.cache, ask.arg, stamp, round(self.now * 1000), shown=False)
            self.patches[ticket] = made
        elif ask.operation == "updateContentItem":
            self.patches[ticket] = optimistic.update(self.cache, ask.arg, stamp)

    def answer(self, fetch: Fetch, ok: bool, body: Any) -> None:
        data = body if fetch.ask.operation == "archiveContent" else body["data"]
        self.do(self.cache.settled(fetch.ticket, QueryOutcome(ok, data), self.now))
        patched = self.patches.pop(fetch.ticket, None)
        if patched is not None and not ok:
            patched.undo()
        elif patched is not None and fetch.ask.operation == "createContentItem":
            optimistic.created(self.cache, data, shown=False)

    def pass_time(self, seconds: float) -> None:
        until = self.now + seconds
        while self.timers and min(self.timers.values()) <= until:
            timer = min(self.timers, key=lambda name: self.timers[name])
            self.now = max(self.now, self.timers.pop(timer))
            self.do(self.cache.expired(timer[1]))
        self.now = until

    def state(self) -> str:
        seen = [
            [key, entry.pending, compact(entry.data, sort_keys=True), len(entry.subscribers)]
            for key, entry in sorted(self.cache.entries.items())
        ]
        return hashlib.sha256(compact(seen).encode()).hexdigest()[:12]


def compact(value: Any, *, sort_keys: bool = False) -> str:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=False, sort_keys=sort_keys)


@pytest.mark.parametrize("number", range(len(RECORDED["programs"])))
def test_the_cache_does_what_rtk_query_did(number: int) -> None:
    program = RECORDED["programs"][number]
    worker = LoadWorker(program["own"], program["invalidation"])
    for place, step in enumerate(program["steps"]):
        worker.step(*step["do"])
        assert sorted(worker.sent) == step["sent"], f"step {place}: {step['do']}"
        assert worker.state() == step["state"], f"step {place}: {step['do']}"


def test_the_recordings_have_every_kind_of_step_and_both_behaviours() -> None:
    steps = {step["do"][0] for program in RECORDED["programs"] for step in program["steps"]}
    assert steps == {"sub", "unsub", "prefetch", "mutate", "answer", "time", "focus", "online", "invalidate"}
    kinds = {(program["own"], program["invalidation"]) for program in RECORDED["programs"]}
    assert len(kinds) == 4
