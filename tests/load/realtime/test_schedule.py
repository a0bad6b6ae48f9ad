"""When each policy connects, and what an outage of each length leaves behind.

The tables are the guide's formula (S:1456-1472) and the runs of its class under npm ws 8.23 and undici 7.30.
"""

import pytest

from load.realtime.policies.protocol import Notice
from load.realtime.simulation.network import Mode, Outage, ServerModel
from load.realtime.simulation.prediction import live
from load.realtime.simulation.simulator import Simulation

DOCUMENTED, AS_WRITTEN = "guide-documented", "guide-as-written"
FOR_EVER = 1e9


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


@pytest.mark.parametrize(
    ("name", "mode", "attempts"),
    [
        pytest.param(DOCUMENTED, Mode.REFUSE,
                     [1, 3, 7, 15, 31, 61, 91, 121, 151, 181], id="documented, refused at once"),
        pytest.param(DOCUMENTED, Mode.HANG,
                     [1, 8, 17, 30, 51, 86, 121, 156, 191, 226], id="documented, hanging"),
        pytest.param(AS_WRITTEN, Mode.REFUSE,
                     [1, 3, 5, 11, 19, 35, 35, 41, 41, 49], id="as written, refused at once"),
        pytest.param(AS_WRITTEN, Mode.HANG,
                     [1, 8, 10, 21, 29, 43, 56, 56, 64, 64], id="as written, hanging"),
    ],
)  # fmt: skip
def test_attempts(name: str, mode: Mode, attempts: list[float]) -> None:
    assert outage(name, mode, FOR_EVER).connects_of(0) == attempts


@pytest.mark.parametrize(
    ("mode", "notices"),
    [
        pytest.param(Mode.REFUSE, [181.0], id="refused"),
        pytest.param(Mode.HANG, [231.0], id="hanging"),
    ],
)
def test_documented_says_once_that_it_gives_up(mode: Mode, notices: list[float]) -> None:
    client = outage(DOCUMENTED, mode, FOR_EVER).clients[0]
    assert client.notices == [(at, Notice.CONNECTION_LOST) for at in notices]


def test_as_written_says_it_five_times_and_while_timers_are_pending() -> None:
    client = outage(AS_WRITTEN, Mode.REFUSE, FOR_EVER).clients[0]
    assert client.notices == [(at, Notice.CONNECTION_LOST) for at in (35.0, 35.0, 41.0, 41.0, 49.0)]


@pytest.mark.parametrize(
    ("seconds", "documented", "as_written", "sockets", "notices"),
    [
        pytest.param(0.5, 1, 1, 1, 0, id="0.5 s"),
        pytest.param(1, 1, 1, 1, 0, id="1 s"),
        pytest.param(2, 3, 3, 2, 0, id="2 s"),
        pytest.param(3, 3, 3, 2, 0, id="3 s"),
        pytest.param(4, 7, 5, 3, 0, id="4 s"),
        pytest.param(5, 7, 5, 3, 0, id="5 s"),
        pytest.param(7, 7, 11, 4, 0, id="7 s"),
        pytest.param(8, 15, 11, 4, 0, id="8 s"),
        pytest.param(11, 15, 11, 4, 0, id="11 s"),
        pytest.param(12, 15, 19, 5, 0, id="12 s"),
        pytest.param(16, 31, 19, 5, 0, id="16 s"),
        pytest.param(20, 31, 35, 5, 0, id="20 s"),
        pytest.param(32, 61, 35, 5, 0, id="32 s"),
        pytest.param(35, 61, 35, 5, 0, id="35 s"),
        pytest.param(40, 61, 41, 3, 2, id="40 s"),
        pytest.param(45, 61, 49, 1, 4, id="45 s"),
        pytest.param(50, 61, None, 0, 5, id="50 s"),
        pytest.param(181, 181, None, 0, 5, id="181 s"),
        pytest.param(182, None, None, 0, 5, id="182 s"),
    ],
)
def test_an_outage_in_which_connects_are_refused(
    seconds: float, documented: float | None, as_written: float | None, sockets: int, notices: int
) -> None:
    back = {}
    for name in (DOCUMENTED, AS_WRITTEN):
        client = outage(name, Mode.REFUSE, seconds).clients[0]
        back[name] = min((at for at in client.opened if at >= 0), default=None)
        if name == AS_WRITTEN:
            assert live(client) == sockets
            assert len(client.notices) == notices
        else:
            assert live(client) == (0 if documented is None else 1)
    assert back == {DOCUMENTED: documented, AS_WRITTEN: as_written}


@pytest.mark.parametrize(("seconds", "recovers"), [(64, True), (64.1, False)])
def test_as_written_is_dead_after_a_hang_of_more_than_64_s(seconds: float, recovers: bool) -> None:
    assert bool(live(outage(AS_WRITTEN, Mode.HANG, seconds).clients[0])) is recovers


def test_as_written_never_settles_when_a_handshake_takes_1_5_s() -> None:
    simulation = Simulation(
        AS_WRITTEN,
        clients=1,
        outage=Outage(mode=Mode.REFUSE, seconds=2),
        server=ServerModel(latency=1.5),
        horizon=69.9,
    )
    simulation.run()
    assert (len(simulation.connects_of(0)), live(simulation.clients[0])) == (28, 12)


@pytest.mark.parametrize(
    ("seconds", "freezes"),
    [
        pytest.param(11, False, id="11 s"),
        pytest.param(19, False, id="19 s: one timer"),
        pytest.param(20, True, id="20 s: two timers at 35 s"),
        pytest.param(41, True, id="41 s: two timers at 41 s"),
        pytest.param(42, False, id="42 s: one timer at 49 s"),
    ],
)
def test_as_written_freezes_with_a_queued_message(seconds: float, freezes: bool) -> None:
    simulation = outage(AS_WRITTEN, Mode.REFUSE, seconds, queued=1)
    assert (Notice.FROZEN in [notice for _, notice in simulation.clients[0].notices]) is freezes
    assert outage(AS_WRITTEN, Mode.REFUSE, seconds).clients[0].notices == [
        each for each in simulation.clients[0].notices if each[1] is not Notice.FROZEN
    ] or freezes  # fmt: skip
