"""The simulator of a reconnect storm: N clients and one server in virtual time.

All clients hold a socket for a minute, lose it at time 0, and follow their policy until no event is left or `horizon` is
reached. A `policy` decides what a client does and `network` what the server does; the simulator is the clock between them. The
same arguments give exactly the same prediction.

    >>> storm = Simulation("guide-documented", clients=1, outage=Outage(mode=Mode.REFUSE, seconds=4.0))
    >>> storm.run().recovered, storm.connects_of(0)
    (1, [1.0, 3.0, 7.0])
"""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random
from typing import Any

from load.realtime.policies.client_timing import Timing
from load.realtime.policies.protocol import (
    Abort,
    Action,
    Cancel,
    Close,
    Closed,
    Connect,
    Event,
    Fired,
    Message,
    Notify,
    Opened,
    Purpose,
    Received,
    ReconnectPolicy,
    Schedule,
    Send,
    Start,
    Submitted,
    failure,
)
from load.realtime.policies.reconnect_policies import make
from load.realtime.simulation.network import (
    SYN_GIVES_UP,
    SYN_RETRANSMITS,
    Mode,
    Outage,
    ServerModel,
    SimulatedServer,
)
from load.realtime.simulation.prediction import ClientHistory, Prediction, predict

PRELUDE = 60.0
"""Seconds before the drop at which clients connect, so that the timers of the first connect have expired by then."""


@dataclass(slots=True, kw_only=True)
class SimulatedClient(ClientHistory):
    """One client with its policy, its events and its sent messages."""

    policy: ReconnectPolicy
    sent: list[tuple[float, Message]] = field(default_factory=list)


class Simulation:
    """A reconnect storm in virtual time. Each client submits `queued` messages while it is offline, 1 ms after the drop."""

    def __init__(
        self,
        policy: str,
        *,
        clients: int,
        outage: Outage,
        server: ServerModel | None = None,
        timing: Timing | None = None,
        seed: int = 1,
        horizon: float = 600.0,
        queued: int = 0,
    ) -> None:
        self.outage = outage
        self.horizon = horizon
        self.queued = queued
        self.timing = timing or Timing()
        self.server = SimulatedServer(server or ServerModel())
        self.random = Random(seed)
        self.heartbeats = outage.mode is Mode.HALF_OPEN
        self.clients = [
            SimulatedClient(policy=make(policy, self.timing, Random(self.random.getrandbits(64))))
            for _ in range(clients)
        ]
        self.policy = policy
        self.now = 0.0
        self.wasted = 0
        self.heap: list[tuple[float, int, Callable[..., None], tuple[Any, ...]]] = []
        self.order_of_push = 0
        self.perform: dict[type, Callable[[SimulatedClient, Any], None]] = {
            Connect: self._do_connect,
            Close: self._do_close,
            Abort: self._do_abort,
            Send: self._do_send,
            Schedule: self._do_schedule,
            Cancel: self._do_cancel,
            Notify: self._do_notify,
        }

    def run(self) -> Prediction:
        for client in self.clients:
            # Heartbeats of real clients are out of phase; nothing else depends on the time of the connect.
            phase = self.random.uniform(0.0, self.timing.heartbeat) if self.heartbeats else 0.0
            self._at(-PRELUDE - phase, self._begin, client)
        for client in self.clients:
            self._at(0.0, self._drop, client)
            for _ in range(self.queued):
                message = {"type": "typing_started", "data": {}}
                self._at(0.001, self._feed, client, Submitted(message))
        while self.heap and self.heap[0][0] <= self.horizon:
            self.now, _, step, arguments = heapq.heappop(self.heap)
            step(*arguments)
        return predict(
            self.policy, self.outage, self.clients, wasted=self.wasted, syn_drops=self.server.dropped
        )

    def connects_of(self, number: int) -> list[float]:
        """The times of one client's connects after the drop, in seconds from it."""
        return [at for at in self.clients[number].connects if at >= 0.0]

    def _at(self, when: float, step: Callable[..., None], *arguments: Any) -> None:
        self.order_of_push += 1
        heapq.heappush(self.heap, (when, self.order_of_push, step, arguments))

    def _feed(self, client: SimulatedClient, event: Event) -> None:
        actions: list[Action] = client.policy.handle(event, self.now)
        for action in actions:
            perform = self.perform.get(type(action))
            if perform is not None:
                perform(client, action)

    def _begin(self, client: SimulatedClient) -> None:
        self._feed(client, Start())

    def _drop(self, client: SimulatedClient) -> None:
        lost = [socket for socket, is_open in client.sockets.items() if is_open]
        if self.outage.mode is Mode.HALF_OPEN:
            client.dead.update(lost)
            return
        for socket in lost:
            self._end(client, socket, self.outage.clean, 1012 if self.outage.clean else 1006)

    def _end(self, client: SimulatedClient, socket: int, clean: bool, code: int) -> None:
        if client.sockets.pop(socket, False):
            self._feed(client, Closed(socket, clean, code))

    # Answers of the network to a connect

    def _do_connect(self, client: SimulatedClient, action: Connect) -> None:
        client.connects.append(self.now)
        client.sockets[action.socket] = False
        self._syn(client, action.socket, 0)

    def _syn(self, client: SimulatedClient, socket: int, retransmits: int) -> None:
        if socket not in client.sockets:
            return
        during = 0.0 <= self.now < self.outage.seconds
        mode = self.outage.mode
        if self.now < 0.0:
            # The first connects are not part of the storm, and must not fill the server's queue.
            self._at(self.now, self._accept, client, socket)
        elif during and mode is Mode.REFUSE:
            self._at(self.now, self._refuse, client, socket)
        elif during and mode is Mode.HANG:
            return
        elif during and mode is Mode.STALL:
            self._at(self.outage.seconds, self._syn, client, socket, retransmits)
        elif (during and mode is Mode.BLACKHOLE) or (answered := self.server.arrive(self.now)) is None:
            self._retransmit(client, socket, retransmits)
        else:
            self._at(answered, self._accept, client, socket)

    def _retransmit(self, client: SimulatedClient, socket: int, done: int) -> None:
        offsets = (0.0, *SYN_RETRANSMITS, SYN_GIVES_UP)
        wait = offsets[done + 1] - offsets[done]
        if done < len(SYN_RETRANSMITS):
            self._at(self.now + wait, self._syn, client, socket, done + 1)
        else:
            self._at(self.now + wait, self._refuse, client, socket)

    def _refuse(self, client: SimulatedClient, socket: int) -> None:
        if client.sockets.pop(socket, None) is not None:
            for event in failure(socket):
                self._feed(client, event)

    def _accept(self, client: SimulatedClient, socket: int) -> None:
        if socket not in client.sockets:
            self.wasted += 1
            return
        client.sockets[socket] = True
        client.opened.append(self.now)
        self._feed(client, Opened(socket))
        if self.outage.mode is Mode.FLAP and 0.0 <= self.now < self.outage.seconds:
            self._at(self.now + self.outage.flap_seconds, self._end, client, socket, False, 1006)

    # Actions of the policy

    def _do_close(self, client: SimulatedClient, action: Close) -> None:
        if client.sockets.get(action.socket):
            self._at(self.now, self._end, client, action.socket, True, action.code)
        else:
            # WHATWG: closing while connecting fails the connection; its events come in a later task.
            self._at(self.now, self._refuse, client, action.socket)

    def _do_abort(self, client: SimulatedClient, action: Abort) -> None:
        client.sockets.pop(action.socket, None)

    def _do_send(self, client: SimulatedClient, action: Send) -> None:
        if self.now >= 0.0:
            client.sent.append((self.now, action.message))
        if self.heartbeats and action.message["type"] == "heartbeat" and action.socket not in client.dead:
            answer = {"type": "heartbeat_response", "data": {"timestamp": 0}}
            self._at(self.now, self._feed, client, Received(action.socket, answer))

    def _do_schedule(self, client: SimulatedClient, action: Schedule) -> None:
        if action.purpose is Purpose.HEARTBEAT and not self.heartbeats:
            return
        client.timers[action.timer] = action.purpose
        self._at(self.now + action.delay, self._fire, client, action.timer)

    def _fire(self, client: SimulatedClient, timer: int) -> None:
        if client.timers.pop(timer, None) is not None:
            self._feed(client, Fired(timer))

    def _do_cancel(self, client: SimulatedClient, action: Cancel) -> None:
        client.timers.pop(action.timer, None)

    def _do_notify(self, client: SimulatedClient, action: Notify) -> None:
        client.notices.append((self.now, action.notice))
