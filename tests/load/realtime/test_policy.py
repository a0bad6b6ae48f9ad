"""The three policies, event by event; their schedules are in `test_schedule`."""

from collections.abc import Iterable
from random import Random

import pytest

from load.realtime.policies.client_timing import Timing
from load.realtime.policies.protocol import (
    Abort,
    Action,
    Cancel,
    Close,
    Closed,
    Connect,
    Event,
    Failed,
    Fired,
    Notice,
    Notify,
    Online,
    Opened,
    Purpose,
    Received,
    ReconnectPolicy,
    Schedule,
    Send,
    Start,
    Stopped,
    Submitted,
    Sync,
    failure,
)
from load.realtime.policies.reconnect_policies import POLICIES, RETRY_CLEAN, make
from load.realtime.simulation.network import Mode, Outage
from load.realtime.simulation.simulator import Simulation

DOCUMENTED, AS_WRITTEN, FIXED = "guide-documented", "guide-as-written", "guide-fixed"
FOR_EVER = 1e9
TYPING = {"type": "typing_started", "data": {}}


def policy(name: str, seed: int = 1) -> ReconnectPolicy:
    return make(name, Timing(), Random(seed))


def feed(machine: ReconnectPolicy, *events: Event, now: float = 1000.0) -> list[Action]:
    """The actions of the last of these events."""
    actions: list[Action] = []
    for event in events:
        actions = machine.handle(event, now)
    return actions


def opened(name: str) -> tuple[ReconnectPolicy, int]:
    """A policy with an open socket."""
    machine = policy(name)
    (socket,) = [a.socket for a in feed(machine, Start()) if isinstance(a, Connect)]
    feed(machine, Opened(socket))
    return machine, socket


def only(kind: type, actions: Iterable[Action]) -> list[Action]:
    return [action for action in actions if isinstance(action, kind)]


def reconnects(actions: Iterable[Action]) -> list[Schedule]:
    return [a for a in actions if isinstance(a, Schedule) and a.purpose is Purpose.RECONNECT]


def outage(name: str, mode: Mode, seconds: float, *, queued: int = 0) -> Simulation:
    simulation = Simulation(
        name,
        clients=1,
        outage=Outage(mode=mode, seconds=seconds),
        horizon=10_000,
        queued=queued,
    )
    simulation.run()
    return simulation


# What a close does.


@pytest.mark.parametrize("name", [DOCUMENTED, AS_WRITTEN])
@pytest.mark.parametrize("code", [1000, 1001, 1012, 1013, 4401])
def test_the_guide_never_reconnects_after_a_clean_close(name: str, code: int) -> None:
    machine, socket = opened(name)
    actions = feed(machine, Closed(socket, clean=True, code=code))
    assert [type(action) for action in actions] == [Cancel]


@pytest.mark.parametrize(
    ("code", "clean", "comes_back"),
    [
        pytest.param(1006, False, True, id="1006, no close frame"),
        *[pytest.param(code, True, True, id=f"{code}") for code in sorted(RETRY_CLEAN)],
        pytest.param(1000, True, False, id="1000"),
        pytest.param(1008, True, False, id="1008, our own fault"),
        pytest.param(4401, True, False, id="4401, the session is over"),
    ],
)
def test_fixed_comes_back_after_an_interruption(code: int, clean: bool, comes_back: bool) -> None:
    machine, socket = opened(FIXED)
    actions = feed(machine, Closed(socket, clean=clean, code=code))
    assert bool(reconnects(actions)) is comes_back
    assert (Notify(Notice.SESSION_OVER) in actions) is (code == 4401)


@pytest.mark.parametrize("name", POLICIES)
def test_the_first_drop_schedules_once(name: str) -> None:
    machine, socket = opened(name)
    assert len(reconnects(feed(machine, Closed(socket, clean=False, code=1006)))) == 1


@pytest.mark.parametrize(("name", "schedules"), [(DOCUMENTED, 1), (FIXED, 1), (AS_WRITTEN, 2)])
def test_how_often_a_failed_attempt_schedules(name: str, schedules: int) -> None:
    machine, socket = opened(name)
    (timer,) = reconnects(feed(machine, Closed(socket, clean=False, code=1006)))
    (connect,) = only(Connect, feed(machine, Fired(timer.timer)))
    assert isinstance(connect, Connect)
    actions = [a for e in failure(connect.socket) for a in feed(machine, e)]
    assert len(reconnects(actions)) == schedules


# One socket, one timer.


@pytest.mark.parametrize("name", [DOCUMENTED, FIXED])
def test_one_timer_and_one_socket_whatever_happens(name: str) -> None:
    """2,000 random events: never two live sockets, never two reconnect timers, never one while a socket lives."""
    for seed in range(20):
        random = Random(seed)
        machine = policy(name, seed)
        sockets: set[int] = set()
        timers: dict[int, Purpose] = {}
        events: list[Event] = [Start()]
        for _ in range(100):
            for action in machine.handle(events.pop() if events else _any(random, sockets, timers), 0.0):
                _apply(action, sockets, timers)
            waiting = [p for p in timers.values() if p is Purpose.RECONNECT]
            assert len(sockets) + len(waiting) <= 1


def _any(random: Random, sockets: set[int], timers: dict[int, Purpose]) -> Event:
    socket = random.choice([*sockets, random.randint(1, 30)])
    if timers and random.random() < 0.4:
        timer = random.choice(list(timers))
        del timers[timer]
        return Fired(timer)
    events: list[Event] = [
        Opened(socket),
        Failed(socket),
        Closed(socket, False, 1006),
        Online(),
        Submitted(TYPING),
    ]
    event = random.choice(events)
    if isinstance(event, Failed | Closed):
        sockets.discard(socket)
    return event


def _apply(action: Action, sockets: set[int], timers: dict[int, Purpose]) -> None:
    match action:
        case Connect(socket):
            sockets.add(socket)
        case Abort(socket) | Close(socket, _):
            sockets.discard(socket)
        case Schedule(timer, _, purpose):
            timers[timer] = purpose
        case Cancel(timer):
            timers.pop(timer, None)


def test_fixed_ignores_an_old_socket_and_drops_it() -> None:
    machine, socket = opened(FIXED)
    assert feed(machine, Opened(socket + 50)) == [Abort(socket + 50)]
    assert feed(machine, Closed(socket + 50, clean=False, code=1006)) == []


def test_as_written_leaves_an_older_socket_open() -> None:
    """The timer of one failed attempt connects again although another has opened: two sockets, none closed."""
    machine, socket = opened(AS_WRITTEN)
    (first,) = reconnects(feed(machine, Closed(socket, clean=False, code=1006)))
    (failed,) = only(Connect, feed(machine, Fired(first.timer)))
    assert isinstance(failed, Connect)
    timers = [s for e in failure(failed.socket) for s in reconnects(feed(machine, e))]
    (second,) = only(Connect, feed(machine, Fired(timers[0].timer)))
    assert isinstance(second, Connect)
    feed(machine, Opened(second.socket))
    actions = feed(machine, Fired(timers[1].timer))
    assert only(Connect, actions) and not only(Close, actions) and not only(Abort, actions)


def test_as_written_closes_a_newer_socket_by_an_older_timeout() -> None:
    """At 13 s the timeout of the socket of 8 s closes the one of 10 s, and leaves its own alone for ever."""
    simulation = outage(AS_WRITTEN, Mode.HANG, 64)
    assert 8.0 in simulation.connects_of(0) and 10.0 in simulation.connects_of(0)
    connecting = [is_open for is_open in simulation.clients[0].sockets.values() if not is_open]
    assert connecting, "an orphan stays CONNECTING"


def test_disconnect_as_written_leaves_its_timers_and_fixed_does_not() -> None:
    left = {}
    for name in (AS_WRITTEN, FIXED):
        machine, socket = opened(name)
        (timer,) = reconnects(feed(machine, Closed(socket, clean=False, code=1006)))
        stopped = feed(machine, Stopped())
        left[name] = (Cancel(timer.timer) in stopped, bool(only(Connect, feed(machine, Fired(timer.timer)))))
    assert left == {AS_WRITTEN: (False, True), FIXED: (True, False)}


# What makes fixed fixed.


def test_fixed_draws_from_the_upper_half_and_from_its_seed() -> None:
    def delays(seed: int) -> list[float]:
        machine = policy(FIXED, seed)
        found: list[float] = []
        actions = feed(machine, Start())
        for _ in range(8):
            (connect,) = [a for a in actions if isinstance(a, Connect)]
            (schedule,) = reconnects(feed(machine, Failed(connect.socket)))
            found.append(schedule.delay)
            actions = feed(machine, Fired(schedule.timer))
        return found

    assert delays(1) == delays(1) != delays(2)
    for seed in range(50):
        for n, delay in enumerate(delays(seed), 1):
            assert Timing().backoff(n) / 2 <= delay <= Timing().backoff(n)


def test_fixed_is_bounded_by_time_and_not_by_count() -> None:
    client = outage(FIXED, Mode.REFUSE, FOR_EVER).clients[0]
    after = [at for at in client.connects if at >= 0]
    assert len(after) > 10 and 860 < after[-1] <= 900
    assert [notice for _, notice in client.notices] == [Notice.CONNECTION_LOST]


def test_fixed_backs_off_from_a_server_that_accepts_and_drops() -> None:
    """The guide resets its counter on open and knocks about once a second for as long as that lasts."""
    knocks = {}
    for name in POLICIES:
        simulation = Simulation(
            name, clients=1, outage=Outage(mode=Mode.FLAP, seconds=120.0, flap_seconds=0.05), horizon=120.0
        )
        simulation.run()
        knocks[name] = len(simulation.connects_of(0))
    assert knocks[DOCUMENTED] == knocks[AS_WRITTEN] == 114
    assert knocks[FIXED] <= 12


def test_fixed_forgets_failures_after_a_stable_while_only() -> None:
    machine, socket = opened(FIXED)
    (first,) = reconnects(feed(machine, Closed(socket, clean=False, code=1006)))
    (connect,) = [a for a in feed(machine, Fired(first.timer)) if isinstance(a, Connect)]
    actions = feed(machine, Opened(connect.socket))
    (stable,) = [a for a in actions if isinstance(a, Schedule) and a.purpose is Purpose.STABLE]
    feed(machine, Fired(stable.timer))
    (again,) = reconnects(feed(machine, Closed(connect.socket, clean=False, code=1006)))
    assert again.delay <= 1.0


def test_fixed_leaves_a_socket_that_does_not_answer() -> None:
    machine, socket = opened(FIXED)
    beat = next(t for t, p in _timers(machine).items() if p is Purpose.HEARTBEAT)
    actions = feed(machine, Fired(beat))
    assert [a.message["type"] for a in actions if isinstance(a, Send)] == ["heartbeat"]
    (pong,) = [a for a in actions if isinstance(a, Schedule) and a.purpose is Purpose.PONG]
    gone = feed(machine, Fired(pong.timer))
    assert gone[0] == Abort(socket) and len(reconnects(gone)) == 1


def test_any_frame_proves_that_the_line_is_alive() -> None:
    machine, socket = opened(FIXED)
    beat = next(t for t, p in _timers(machine).items() if p is Purpose.HEARTBEAT)
    (pong,) = [a for a in feed(machine, Fired(beat)) if isinstance(a, Schedule) and a.purpose is Purpose.PONG]
    assert feed(machine, Received(socket, {"type": "content_updated", "data": {}})) == [Cancel(pong.timer)]


def _timers(machine: ReconnectPolicy) -> dict[int, Purpose]:
    timers = getattr(machine, "timers")  # noqa: B009  the protocol does not promise it
    return {timer: purpose for purpose, timer in timers.items()}


def test_fixed_syncs_when_it_comes_back_and_not_at_first() -> None:
    machine = policy(FIXED)
    (connect,) = [a for a in feed(machine, Start()) if isinstance(a, Connect)]
    assert not only(Sync, feed(machine, Opened(connect.socket)))
    (timer,) = reconnects(feed(machine, Closed(connect.socket, clean=False, code=1006)))
    (again,) = [a for a in feed(machine, Fired(timer.timer)) if isinstance(a, Connect)]
    assert only(Sync, feed(machine, Opened(again.socket))) == [Sync(None)]


@pytest.mark.parametrize("name", POLICIES)
def test_frames_of_the_server(name: str) -> None:
    machine, socket = opened(name)
    (answer,) = feed(machine, Received(socket, {"type": "heartbeat", "data": {"timestamp": 1}}), now=2.0)
    assert answer == Send(socket, {"type": "heartbeat_response", "data": {"timestamp": 2000}})
    stamp = {"type": "sync_required", "data": {"lastSyncTimestamp": "2026-11-22T08:00:00.000000Z"}}
    assert only(Sync, feed(machine, Received(socket, stamp))) == [Sync("2026-11-22T08:00:00.000000Z")]


@pytest.mark.parametrize("name", POLICIES)
def test_the_queue_is_flushed_in_order_on_open(name: str) -> None:
    machine = policy(name)
    (connect,) = [a for a in feed(machine, Start()) if isinstance(a, Connect)]
    messages = [{"type": "typing_started", "data": {"n": n}} for n in range(5)]
    assert feed(machine, *[Submitted(message) for message in messages]) == []
    sent = [a.message for a in feed(machine, Opened(connect.socket)) if isinstance(a, Send)]
    assert sent == messages
    assert only(Send, feed(machine, Submitted(TYPING))) == [Send(connect.socket, TYPING)]


def test_the_queue_of_fixed_is_bounded_and_keeps_the_newest() -> None:
    machine = policy(FIXED)
    (connect,) = [a for a in feed(machine, Start()) if isinstance(a, Connect)]
    feed(machine, *[Submitted({"type": "typing_started", "data": {"n": n}}) for n in range(1500)])
    sent = [a.message["data"]["n"] for a in feed(machine, Opened(connect.socket)) if isinstance(a, Send)]
    assert sent == list(range(500, 1500))


@pytest.mark.parametrize("name", POLICIES)
def test_online_connects_unless_a_socket_is_open(name: str) -> None:
    machine, socket = opened(name)
    assert feed(machine, Online()) == []
    feed(machine, Closed(socket, clean=True, code=1000))
    assert len(only(Connect, feed(machine, Online()))) == 1


@pytest.mark.parametrize("name", POLICIES)
def test_a_heartbeat_each_thirty_seconds(name: str) -> None:
    machine = policy(name)
    (connect,) = [a for a in feed(machine, Start()) if isinstance(a, Connect)]
    actions = feed(machine, Opened(connect.socket))
    for _ in range(3):
        (beat,) = [a for a in actions if isinstance(a, Schedule) and a.purpose is Purpose.HEARTBEAT]
        assert beat.delay == 30.0
        actions = feed(machine, Fired(beat.timer))
        assert [a.message["type"] for a in actions if isinstance(a, Send)] == ["heartbeat"]
        answer = {"type": "heartbeat_response", "data": {"timestamp": 0}}
        machine.handle(Received(connect.socket, answer), 0.0)


def test_an_unknown_policy_names_those_there_are() -> None:
    with pytest.raises(ValueError, match="there are guide-documented, guide-as-written, guide-fixed"):
        policy("guide-perfect")
