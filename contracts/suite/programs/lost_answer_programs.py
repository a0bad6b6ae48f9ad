"""Random programs over a network that loses answers: some writes are sent by a client that leaves (`contracts.suite.client.abandoned_request`).

What a lost write has become is the model's to hold: it has happened, or will, or never does, and every later answer strikes
out the worlds that it contradicts. No time settles that. A program makes it known as a client would: it reads, it sends the
same request again, it searches for its own word, which shows items whose ids no answer has told.

Time counts in one place only. A change must be visible everywhere once it is answered, and a lost one never is: while it is on
its way a right server may show it in one view and not yet in another. So a read that no world allows is asked again until
`ON_ITS_WAY` has passed since the last loss, and so is a creation that is told to be in flight. What still disagrees then is a
breach. A write's answer is never asked for twice: the state of one item has one order of changes, answered or not.

Bulk requests are never lost, nor sent while the fate of a write is open: their operations are applied one after another (R19),
so another write may come in between two of them, and the answers of a right server need not agree with any order of the two.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from hypothesis import strategies as st

from contracts.content_writes import SINGLE_WRITES
from contracts.model import Alternative
from contracts.model import Request as Asked
from contracts.suite.api.api import Api
from contracts.suite.client.abandoned_request import AbandonMode
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation, shortened
from contracts.suite.programs.model_program import SMALL, WORKSPACE, Program, ProgramRequest, Step

LOSABLE = frozenset(SINGLE_WRITES)
MOST_OPEN = 2
"""Lost writes that may still happen, at a time: each order of them is a world."""
ON_ITS_WAY = 5.0
"""Seconds that a lost write may be half visible: five times what `smoke.in-time` leaves for a whole answer."""
PAUSE, LONGEST_PAUSE = 0.01, 0.2
"""Seconds between two askings: the first, and what it doubles up to."""
MOST_TOLD = 4
"""Alternatives that a breach tells."""
IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"


class LossyStep(NamedTuple):
    """A step, how the client of its write leaves (None: it stays and reads), and whether it then comes back and sends it again."""

    step: Step
    leaving: AbandonMode | None
    returns: bool


KINDS = (
    "create", "create", "update", "update", "update", "publish", "archive", "revert", "bulk", "again", "again", "again", "find",
    "get", "versions", "sync", "category",
)  # fmt: skip
LEAVINGS = (
    None,
    None,
    None,
    AbandonMode.UNREAD,
    AbandonMode.UNREAD,
    AbandonMode.RESET,
    AbandonMode.ANSWERING,
    AbandonMode.TORN,
)
STEPS = st.builds(Step, st.sampled_from(KINDS), st.sampled_from((0, 0, 0, 0, 0, 1)), SMALL, SMALL, SMALL)
PART = st.lists(st.builds(LossyStep, STEPS, st.sampled_from(LEAVINGS), st.booleans()), max_size=20)
# Several lists joined: long ones on the average, which can be made as short as any.
LOST_ANSWER_PROGRAMS = st.tuples(PART, PART, PART, PART).map(
    lambda parts: [step for part in parts for step in part]
)


@dataclass
class RereadPolicy:
    """How often a check reads again what a lost write may have changed. `spent`: it has waited to the end in vain, so the target
    is wrong and not slow, and what Hypothesis makes of the program from there on, to tell it shorter, is not worth waits of
    its own."""

    spent: bool = False

    def until(self, end: float) -> Iterator[None]:
        """Once for each asking that is worth it, after a pause."""
        pause = PAUSE
        for _ in range(3 if self.spent else 10_000):
            if not self.spent and time.monotonic() >= end:
                self.spent = True
                return
            yield
            time.sleep(0 if self.spent else pause)
            pause = min(2 * pause, LONGEST_PAUSE)


class LostAnswerProgram(Program):
    """One run of one program; `lost` are its lost writes, in order."""

    def __init__(self, api: Api, patience: RereadPolicy) -> None:
        super().__init__(api)
        self.patience = patience
        self.lost: list[ProgramRequest] = []
        self._leaving: AbandonMode | None = None
        self._until = 0.0

    def play(self, steps: Sequence[LossyStep]) -> None:
        """One item to begin with; all steps; then everything that the program has made is read, in every view of it."""
        self._call(0, "createContentItem", body={"title": f"{self.word} first"})
        for step, leaving, returns in steps:
            before, self._leaving = len(self.lost), leaving
            self.run([step])
            self._leaving = None
            if returns and len(self.lost) > before:
                self._send(self.lost[-1])
            if self.model.undecided:
                return
        self._find(Step("find", 0, 0, 0, 0))
        for id in self.ids:
            self._call(0, "getContentItem", path={"id": id})
            self._call(0, "getContentVersions", path={"id": id}, query={"limit": 100})
        since = {"lastSyncTimestamp": self.stamps[0], "includeDeleted": True, **self.api.every_platform()}
        self._call(0, "syncContent", query=since)

    def _send(self, asking: ProgramRequest) -> None:
        if self._leaving is not None and self._may_be_lost(asking):
            leaving, self._leaving = self._leaving, None
            self._lose(asking, leaving)
            return
        answer = self._ask(asking)
        if answer.code == IN_FLIGHT and any(_key(asking) == _key(lost) for lost in self.lost):
            answer = self._landed(asking, answer)
        wrong = self._judge(asking, answer)
        if wrong and self.lost and asking.operation.startswith(("get", "sync")):
            for _ in self.patience.until(self._until):
                answer = self._ask(asking)
                wrong = self._judge(asking, answer)
                if not wrong:
                    break
        if wrong:
            raise self._breach(asking, answer)
        self._learn(asking.operation, answer)

    def _may_be_lost(self, asking: ProgramRequest) -> bool:
        """Not where it names nothing, for that would be in question for ever and tell nothing."""
        names_nothing = asking.path.get("id", "") not in ("", *self.ids)
        return asking.operation in LOSABLE and not names_nothing and self._open() < MOST_OPEN

    def _open(self) -> int:
        """Lost writes that may still happen."""
        return max(len(space.limbo) for space in self.model.possible(WORKSPACE))

    def _lose(self, asking: ProgramRequest, leaving: AbandonMode) -> None:
        self._api(asking).abandon(asking.operation, leaving, **asking.parts)
        # A server that reads no body does not miss the end of one.
        if leaving.whole or self.api.spec[asking.operation].body is None:
            self.lost.append(asking)
            self.model, _ = self.model.step(self._request(asking), None)
            self._until = time.monotonic() + ON_ITS_WAY

    def _landed(self, asking: ProgramRequest, answer: HttpAnswer) -> HttpAnswer:
        """The answer to a creation once the lost one under the same key is not worked on any more."""
        for _ in self.patience.until(self._until):
            answer = self._ask(asking)
            if answer.code != IN_FLIGHT:
                return answer
        expected = f"the end of {IN_FLIGHT}, {ON_ITS_WAY:g} s after the client of the first request has left"
        raise ContractViolation(expected, answer.summary(), [answer.exchange])

    def _breach(self, asking: ProgramRequest, answer: HttpAnswer) -> ContractViolation:
        alternatives = self.model.alternatives(self._request(asking), self._response(answer))
        found = dict.fromkeys(f"{a.complaint.place} = {a.complaint.got}" for a in alternatives)
        expected, got = told(alternatives), " or ".join(found)
        wrong = f"{shortened(got)}, where {shortened(expected)} is right"
        return ContractViolation(expected, got, [answer.exchange], wrong=wrong)

    def _learn(self, operation: str, answer: HttpAnswer) -> None:
        super()._learn(operation, answer)
        if operation != "getContentItems" or answer.status != 200:
            return
        for row in answer.data["data"]:
            if row["id"] not in self.ids:
                self.ids.append(row["id"])
                # It is this run's, though no answer has told of its creation: it is archived in the end like the others.
                self.api.target.recorder.created.setdefault(row["id"], f"Bearer {self.api.session.access}")
            self.known[row["id"]] = max(row["version"], self.known.get(row["id"], 0))

    def _create(self, step: Step) -> None:
        """Mostly with a key, few of them, so that one is met again with the same body and with others."""
        if len(self.ids) >= 5:
            return self._get(step)
        body: dict[str, Any] = {"title": f"{self.word} {step.a}", **self._fields(step)}
        headers = {"Idempotency-Key": f"{self.word}-{step.a % 3}"} if step.c % 3 else {}
        self._call(step.who, "createContentItem", body=body, headers=headers)
        return None

    def _bulk(self, step: Step) -> None:
        if self._open():
            self._get(step)
        else:
            super()._bulk(step)

    def _again(self, step: Step) -> None:
        """What a client does that has got no answer: send the same once more."""
        if not self.lost:
            return self._get(step)
        self._send(self.lost[step.a % len(self.lost)])
        return None

    def _find(self, step: Step) -> None:
        """All items that this program has made, known or not."""
        for status in ({}, {"status": "archived"}):
            self._call(step.who, "getContentItems", query={"search": self.word, "limit": 100, **status})


def _key(asking: ProgramRequest) -> tuple[int, str]:
    return asking.who, asking.headers.get("Idempotency-Key", "")


def told(alternatives: Sequence[Alternative]) -> str:
    """What should have come, by what has become of the lost writes where that is in question."""
    fates: dict[str, list[tuple[Asked, ...]]] = {}
    for complaint, taken in alternatives:
        fates.setdefault(f"{complaint.place} = {complaint.expected}", []).append(taken)
    if len(fates) == 1:
        return next(iter(fates))
    takens = [taken for _, taken in alternatives]
    sure = [request for request in takens[0] if all(request in taken for taken in takens)]
    # Each in the simplest of the worlds that expect it, and first where the most has happened.
    simplest = {text: min(takens, key=len) for text, takens in fates.items()}
    texts = [
        f"{text}{_fate(simplest[text], sure)}" for text in sorted(fates, key=lambda t: -len(simplest[t]))
    ]
    more = f"; or {len(texts) - MOST_TOLD} more" if len(texts) > MOST_TOLD else ""
    return f"one of: {'; '.join(texts[:MOST_TOLD])}{more}"


def _fate(taken: Sequence[Asked], sure: Sequence[Asked]) -> str:
    happened = [_named(request) for request in taken if request not in sure]
    return f" (if {' and '.join(happened)} has happened)" if happened else " (if not)"


def _named(request: Asked) -> str:
    version = f" of version {request.body['version']}" if request.operation == "updateContentItem" else ""
    return f"the lost {request.operation}{version}"
