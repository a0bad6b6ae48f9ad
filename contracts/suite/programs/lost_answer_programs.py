"""Random programs over a network that loses answers: some writes are abandoned (`contracts.suite.client.abandoned_request`).

The model keeps all possible worlds: a lost write was executed, will be, or never is, and every later answer excludes the worlds that it
contradicts. No waiting time decides that. A program finds out as a client would: it reads, it repeats the request, and it searches for its
own word, which shows items whose ids no answer has shown.

Time matters in one case. A change must be visible everywhere once it is answered; a lost write has no answer, so for a while a correct
server may show it in one view and not in another. A read that no world allows is therefore repeated until `ON_ITS_WAY` has passed since the
last loss, and so is a creation that is reported to be in flight. A disagreement after that is a violation. Writes are never repeated for
this reason, because the changes of one item have one order, answered or not.

Bulk requests are never lost, nor sent while a lost write is pending: their operations are applied one after another (R19), so the pending
write may be executed between two of them, and the answers of a correct server need not agree with any order of the two requests.
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

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
"""The most lost writes that are pending at a time, because each order of them is a world."""
ON_ITS_WAY = 5.0
"""Seconds for which a lost write may be visible in some views only: five times the limit of `smoke.in-time` for an answer."""
PAUSE, LONGEST_PAUSE = 0.01, 0.2
"""Seconds between two repetitions: the first pause, and the maximum to which it doubles."""
MOST_TOLD = 4
"""The most alternatives that a violation shows."""
IN_FLIGHT = "IDEMPOTENCY_IN_FLIGHT"


class LossyStep(NamedTuple):
    """A step, the way in which its write is abandoned (None: its answer is read), and whether the request is repeated afterwards."""

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
# Several lists joined are long on average, and shrink as well as one.
LOST_ANSWER_PROGRAMS = st.tuples(PART, PART, PART, PART).map(
    lambda parts: [step for part in parts for step in part]
)


@dataclass
class RereadPolicy:
    """The repetition of reads that a lost write may have changed. `spent` says that a program waited to the end in vain: the target is
    wrong and not slow, so the programs with which Hypothesis shrinks the failure need not wait."""

    spent: bool = False

    def until(self, end: float) -> Iterator[None]:
        """Yields before each repetition, with pauses between them."""
        pause = PAUSE
        for _ in range(3 if self.spent else 10_000):
            if not self.spent and time.monotonic() >= end:
                self.spent = True
                return
            yield
            time.sleep(0 if self.spent else pause)
            pause = min(2 * pause, LONGEST_PAUSE)


class LostAnswerProgram(Program):
    """One run of a program. `lost` are its abandoned writes, in order."""

    def __init__(self, api: Api, patience: RereadPolicy) -> None:
        super().__init__(api)
        self.patience = patience
        self.lost: list[ProgramRequest] = []
        self._leaving: AbandonMode | None = None
        self._until = 0.0

    def play(self, steps: Sequence[LossyStep]) -> None:
        """Create an item, run all steps, and then read everything that the program has created, in every view."""
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
        if answer.code == IN_FLIGHT and any(_key_of(asking) == _key_of(lost) for lost in self.lost):
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
        """Whether the request may be abandoned. One about an unknown id may not, because it would stay pending for ever."""
        names_nothing = asking.path.get("id", "") not in ("", *self.ids)
        return asking.operation in LOSABLE and not names_nothing and self._open() < MOST_OPEN

    def _open(self) -> int:
        """The number of lost writes that are pending."""
        return max(len(space.limbo) for space in self.model.possible(WORKSPACE))

    def _lose(self, asking: ProgramRequest, leaving: AbandonMode) -> None:
        self._api(asking).abandon(asking.operation, leaving, **asking.parts)
        # A server that reads no body does not notice that its end is missing.
        if leaving.whole or self.api.spec[asking.operation].body is None:
            self.lost.append(asking)
            self.model, _ = self.model.step(self._request(asking), None)
            self._until = time.monotonic() + ON_ITS_WAY

    def _landed(self, asking: ProgramRequest, answer: HttpAnswer) -> HttpAnswer:
        """The answer to a creation once the lost one with the same key is no longer in flight."""
        for _ in self.patience.until(self._until):
            answer = self._ask(asking)
            if answer.code != IN_FLIGHT:
                return answer
        expected = f"the end of {IN_FLIGHT}, {ON_ITS_WAY:g} s after the client of the first request has left"
        raise ContractViolation(expected, answer.summary(), [answer.exchange])

    def _breach(self, asking: ProgramRequest, answer: HttpAnswer) -> ContractViolation:
        alternatives = self.model.alternatives(self._request(asking), self._response(answer))
        found = dict.fromkeys(f"{a.complaint.place} = {a.complaint.got}" for a in alternatives)
        expected, got = expectation(alternatives), " or ".join(found)
        wrong = f"{shortened(got)}, where {shortened(expected)} is right"
        return ContractViolation(expected, got, [answer.exchange], wrong=wrong)

    def _learn(self, operation: str, answer: HttpAnswer) -> None:
        super()._learn(operation, answer)
        if operation != "getContentItems" or answer.status != 200:
            return
        for row in answer.data["data"]:
            if row["id"] not in self.ids:
                self.ids.append(row["id"])
                # The item belongs to this run although its creation was not answered, so it is archived at the end, too.
                self.api.target.recorder.created.setdefault(row["id"], f"Bearer {self.api.session.access}")
            self.known[row["id"]] = max(row["version"], self.known.get(row["id"], 0))

    def _key(self, step: Step) -> dict[str, str]:
        """The Idempotency-Key of a creation: mostly one of three, so that a key is used again with the same and with other bodies."""
        return {"Idempotency-Key": f"{self.word}-{step.a % 3}"} if step.c % 3 else {}

    def _bulk(self, step: Step) -> None:
        if self._open():
            self._get(step)
        else:
            super()._bulk(step)

    def _again(self, step: Step) -> None:
        """Repeat a lost request, as a client without an answer does."""
        if not self.lost:
            return self._get(step)
        self._send(self.lost[step.a % len(self.lost)])
        return None

    def _find(self, step: Step) -> None:
        """Search for all items that this program has created."""
        for status in ({}, {"status": "archived"}):
            self._call(step.who, "getContentItems", query={"search": self.word, "limit": 100, **status})


def _key_of(asking: ProgramRequest) -> tuple[int, str]:
    return asking.who, asking.headers.get("Idempotency-Key", "")


def expectation(alternatives: Sequence[Alternative]) -> str:
    """The expected results as text, each with the lost writes that must have been executed for it."""
    fates: dict[str, list[tuple[Asked, ...]]] = {}
    for complaint, taken in alternatives:
        fates.setdefault(f"{complaint.place} = {complaint.expected}", []).append(taken)
    if len(fates) == 1:
        return next(iter(fates))
    takens = [taken for _, taken in alternatives]
    sure = [request for request in takens[0] if all(request in taken for taken in takens)]
    # Each with the fewest executed writes of all worlds that expect it; those with the most executed writes first.
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
