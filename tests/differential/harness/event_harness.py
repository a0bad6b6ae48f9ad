"""Content programs with sockets listening: each change owes each socket one event, and the model's Feed says which.

Sockets come, stop reading, read on and go between the steps of a content program. One that does not read for long gets a
`sync_required` in place of what was dropped, and from its stamp a sync must show all that is missing.
"""

import asyncio
import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.model import Disagreement, Workspace
from contracts.model.unknown import shown
from mock_server.servers.asgi import AsgiApp
from tests.contracts.model.event_model import Feed
from tests.differential.harness.content_harness import ENDLESS, ContentHarness
from tests.differential.harness.http_client import serve
from tests.differential.harness.socket_client import SocketClient, send, settle
from tests.differential.programs import drawn_values
from tests.differential.programs.content_programs import CALLERS, World, draw
from tests.differential.programs.steps import Ask, Step, Wait

# Of frames that no change of content owes; presence is the channel's own tests'.
OTHER_FRAMES = frozenset({"heartbeat", "user_status_changed"})


@dataclass(frozen=True, slots=True)
class Socket:
    """What happens to the socket that step `of` opened; `open` opens it, and then `of` is the step itself."""

    number: int
    what: str
    of: int
    caller: str = ""

    def __str__(self) -> str:
        told = {
            "open": f"{self.caller} opens a socket",
            "stop": "stops reading",
            "go on": "reads on",
            "close": "goes",
        }
        return told[self.what] if self.what == "open" else f"the socket of step {self.of} {told[self.what]}"


EventStep = Step | Socket


def draw_events(seed: int, length: int, world: World) -> tuple[EventStep, ...]:
    """A content program with a step of a socket after about every sixth step."""
    chance = random.Random(f"events/{seed}")
    steps: list[EventStep] = []
    opened: list[int] = []
    for number, step in enumerate(draw(seed, length, world), start=1_000):
        steps.append(step)
        dice = chance.random()
        if dice < 0.04 or not opened:
            opened.append(number)
            caller = chance.choices(list(CALLERS), (3, 1, 2, 2))[0]
            steps.append(Socket(number, "open", number, caller))
        elif dice < 0.16:
            what = "close" if dice < 0.05 else "stop" if dice < 0.09 else "go on"
            steps.append(Socket(number, what, chance.choice(opened)))
    return tuple(steps)


@dataclass(slots=True)
class EventOutcome:
    """`heard` counts the frames by type; `lines` the steps and what came of them."""

    complaints: tuple[Disagreement, ...] = ()
    lines: list[tuple[EventStep, str]] = field(default_factory=list)
    heard: dict[str, int] = field(default_factory=dict)


def play(program: Iterable[EventStep], *, seed: int, faults: Iterable[str] = ()) -> EventOutcome:
    """The program from the start to its end or to the first disagreement."""
    return asyncio.run(_play(tuple(program), seed, tuple(faults)))


async def _play(program: tuple[EventStep, ...], seed: int, faults: tuple[str, ...]) -> EventOutcome:
    harness = _EventHarness(ContentHarness(serve(drawn_values.start(seed), ENDLESS)))
    harness.harness.server.faults.set(faults)
    try:
        for step in program:
            told, complaints = await harness.take(step)
            harness.outcome.lines.append((step, told))
            if complaints:
                harness.outcome.complaints = complaints
                break
    finally:
        await harness.end()
    return harness.outcome


@dataclass(slots=True)
class _Listener:
    client: SocketClient
    workspace: str
    feed: Feed = field(default_factory=Feed)


class _EventHarness:
    """One harness and the sockets that listen to it."""

    def __init__(self, harness: ContentHarness) -> None:
        self.harness = harness
        self.outcome = EventOutcome()
        self._app = AsgiApp(harness.server)
        self._listeners: dict[int, _Listener] = {}

    async def take(self, step: EventStep) -> tuple[str, tuple[Disagreement, ...]]:
        if isinstance(step, Wait):
            self.harness.server.clock.advance(step.microseconds)
            return "", ()
        if isinstance(step, Socket):
            await self._socket(step)
            return "", await self._listen()
        return await self._ask(step)

    async def end(self) -> None:
        for listener in self._listeners.values():
            await listener.client.close()

    async def _socket(self, step: Socket) -> None:
        listener = self._listeners.get(step.of)
        if step.what == "open":
            caller = self.harness.callers[step.caller]
            listener = self._listeners[step.number] = _Listener(SocketClient(), caller.workspace)
            await listener.client.open(self._app, self.harness.tokens[step.caller])
        elif listener is None:
            return  # its opening was left out
        elif step.what == "close":
            del self._listeners[step.of]
            await listener.client.close()
        elif step.what == "stop":
            listener.client.stop_reading()
        else:
            listener.client.read_on()

    async def _ask(self, step: Ask) -> tuple[str, tuple[Disagreement, ...]]:
        workspace = self.harness.callers[step.caller].workspace
        before = self._space(workspace)
        request = self.harness.meant(step)
        response = await send(self._app, self.harness.written(step, request))
        complaints = self.harness.judge(step, request, response)
        told = str(response.status)
        if complaints:
            return told, complaints
        for listener in self._listeners.values():
            if listener.workspace == workspace:
                listener.feed = listener.feed.changed(before, self._space(workspace))
        return told, await self._listen()

    async def _listen(self) -> tuple[Disagreement, ...]:
        """Everything that has come to anybody, and whether anything is missing."""
        await settle()
        for listener in self._listeners.values():
            for frame in listener.client.heard():
                wrong = self._hear(listener, frame)
                if wrong:
                    return wrong
            missing = listener.feed.missing
            if missing and listener.client.reads:
                return (
                    Disagreement(
                        "law: every change is told", shown(self._plain(missing[0], listener)), "nothing"
                    ),
                )
        return ()

    def _hear(self, listener: _Listener, frame: Mapping[str, Any]) -> tuple[Disagreement, ...]:
        kind = str(frame.get("type"))
        self.outcome.heard[kind] = self.outcome.heard.get(kind, 0) + 1
        space = self._space(listener.workspace)
        if kind == "content_updated" and "data" in frame:
            listener.feed, wrong, space = listener.feed.receive(frame["data"], space)
            self._learn(listener.workspace, space)
            return wrong
        if kind == "sync_required":
            return self._called_to_sync(listener, frame)
        return () if kind in OTHER_FRAMES else (Disagreement("frame", "a known one", shown(dict(frame))),)

    def _called_to_sync(self, listener: _Listener, frame: Mapping[str, Any]) -> tuple[Disagreement, ...]:
        """W4: what a sync from that stamp shows is judged by the model like any other."""
        stamp = frame.get("data", {}).get("lastSyncTimestamp")
        if not listener.feed.left or not isinstance(stamp, str):
            expected = "a stamp" if listener.feed.left else "no sync_required: nothing is missing"
            return (Disagreement("event", expected, shown(dict(frame))),)
        listener.feed = listener.feed.sync_required(stamp, self._space(listener.workspace))
        caller = next(
            name for name, one in self.harness.callers.items() if one.workspace == listener.workspace
        )
        query = {"lastSyncTimestamp": stamp, "includeDeleted": True, "platforms": ["web", "ios", "android"]}
        return self.harness.ask(Ask(number=-1, caller=caller, operation="syncContent", query=query))[2]

    def _space(self, workspace: str) -> Workspace:
        return self.harness.model.possible(workspace)[0]

    def _learn(self, workspace: str, space: Workspace) -> None:
        model = self.harness.model
        self.harness.model = replace(model, worlds={**model.worlds, workspace: (space,)})

    def _plain(self, event: Mapping[str, Any], listener: _Listener) -> dict[str, Any]:
        space = self._space(listener.workspace)
        return {name: space.text(value) for name, value in event.items()}
