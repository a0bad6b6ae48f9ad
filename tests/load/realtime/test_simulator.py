"""The simulator: deterministic, conserving, and right about storms whose outcome is known."""

import pytest

from load.realtime.policies.client_timing import Timing
from load.realtime.policies.reconnect_policies import POLICIES
from load.realtime.simulation.network import Mode, Outage, ServerModel, SimulatedServer
from load.realtime.simulation.prediction import Prediction, peak, quantiles
from load.realtime.simulation.simulator import Simulation


def storm(
    policy: str,
    clients: int,
    seconds: float,
    *,
    mode: Mode = Mode.REFUSE,
    backlog: int = 2048,
    seed: int = 1,
    clean: bool = False,
    horizon: float = 600.0,
) -> Prediction:
    return Simulation(
        policy,
        clients=clients,
        outage=Outage(mode=mode, seconds=seconds, clean=clean, flap_seconds=0.05),
        server=ServerModel(rate=300.0, backlog=backlog),
        seed=seed,
        horizon=horizon,
    ).run()


@pytest.mark.parametrize(
    ("policy", "clients", "seconds", "recovered", "p50", "p99", "worst", "connects", "peak", "sockets"),
    [
        pytest.param(
            "guide-documented", 1000, 10, 1000, 6.7, 8.3, 8.3, 4.0, 1000, 1.0, id="documented, 1,000"
        ),
        pytest.param(
            "guide-as-written", 1000, 10, 1000, 2.7, 4.3, 4.3, 7.8, 2000, 4.5, id="as written, 1,000"
        ),
        pytest.param(
            "guide-documented", 5000, 10, 5000, 29.3, 97.5, 97.7, 5.2, 5000, 1.0, id="documented, 5,000"
        ),
    ],
)
def test_storms_of_the_guide_at_300_handshakes_a_second(
    policy: str,
    clients: int,
    seconds: float,
    recovered: int,
    p50: float,
    p99: float,
    worst: float,
    connects: float,
    peak: int,
    sockets: float,
) -> None:
    p = storm(policy, clients, seconds)
    assert (p.recovered, p.peak_connects_100ms) == (recovered, peak)
    assert [round(p.recovery[q], 1) for q in (0.5, 0.99, 1.0)] == [p50, p99, worst]
    assert (round(p.connects_per_client, 1), round(p.sockets_per_client, 1)) == (connects, sockets)


def test_a_long_outage_is_for_ever_as_written_and_not_when_fixed() -> None:
    written, fixed = storm("guide-as-written", 2000, 60), storm("guide-fixed", 2000, 60)
    assert (written.recovered, written.given_up, written.connects_per_client) == (0, 2000, 10.0)
    assert (fixed.recovered, fixed.sockets) == (2000, {1: 2000})


def test_a_small_backlog_loses_half_of_documented_and_none_of_fixed() -> None:
    documented, fixed = (
        storm(policy, 5000, 10, backlog=128) for policy in ("guide-documented", "guide-fixed")
    )
    assert documented.given_up > 2000 and documented.syn_drops > 10_000
    assert fixed.recovered == 5000 and fixed.sockets == {1: 5000}


def test_a_storm_as_written_feeds_itself() -> None:
    p = storm("guide-as-written", 3000, 10, horizon=60.0)
    assert p.connects_per_client > 12 and p.wasted_handshakes > 1000 and p.sockets_per_client > 2


def test_a_graceful_stop_silences_everybody_but_fixed() -> None:
    fates = {policy: storm(policy, 100, 3, clean=True) for policy in POLICIES}
    assert {policy: (p.recovered, p.never_tried, p.connects) for policy, p in fates.items() if "fixed" not in policy} == {
        "guide-documented": (0, 100, 0),
        "guide-as-written": (0, 100, 0),
    }  # fmt: skip
    assert fates["guide-fixed"].recovered == 100


def test_only_fixed_notices_a_half_open_connection() -> None:
    fates = {policy: storm(policy, 300, 1, mode=Mode.HALF_OPEN) for policy in POLICIES}
    assert {policy: p.recovered for policy, p in fates.items()} == {
        "guide-documented": 0,
        "guide-as-written": 0,
        "guide-fixed": 300,
    }
    # At most one heartbeat interval, the wait for its answer, and the first delay.
    assert fates["guide-fixed"].recovery[1.0] <= 30 + 10 + 1 + 0.1


@pytest.mark.parametrize("mode", Mode)
@pytest.mark.parametrize("policy", POLICIES)
def test_every_client_has_one_fate_and_the_counts_add_up(policy: str, mode: Mode) -> None:
    p = storm(policy, 60, 7, mode=mode, horizon=200.0)
    assert p.recovered + p.given_up + p.never_tried + p.still_trying + p.frozen == 60
    assert sum(p.attempts.values()) == sum(p.sockets.values()) == 60
    assert sum(attempts * clients for attempts, clients in p.attempts.items()) == p.connects
    if policy != "guide-as-written":
        assert set(p.sockets) <= {0, 1}


@pytest.mark.parametrize("policy", POLICIES)
def test_the_same_seed_is_the_same_storm(policy: str) -> None:
    assert storm(policy, 200, 9) == storm(policy, 200, 9)


def test_another_seed_moves_the_jitter_only() -> None:
    assert storm("guide-fixed", 200, 9).recovery != storm("guide-fixed", 200, 9, seed=2).recovery
    assert storm("guide-documented", 200, 9) == storm("guide-documented", 200, 9, seed=2)


def test_jitter_spreads_the_reconnects() -> None:
    documented, fixed = storm("guide-documented", 1000, 10), storm("guide-fixed", 1000, 10)
    assert fixed.peak_connects_100ms < documented.peak_connects_100ms / 4


def test_a_scaled_storm_is_the_same_storm_faster() -> None:
    full = Simulation("guide-as-written", clients=3, outage=Outage(mode=Mode.REFUSE, seconds=8.0))
    tenth = Simulation(
        "guide-as-written",
        clients=3,
        outage=Outage(mode=Mode.REFUSE, seconds=0.8),
        timing=Timing().scaled(0.1),
    )
    assert full.run().sockets == tenth.run().sockets
    assert [round(at * 10, 6) for at in tenth.connects_of(0)] == full.connects_of(0)


def test_the_server_queues_drops_and_drains() -> None:
    server = SimulatedServer(ServerModel(rate=2.0, backlog=2, latency=0.25))
    assert [server.arrive(at) for at in (0.0, 0.0, 0.0, 0.5, 0.6, 5.0)] == [
        0.75,
        1.25,
        None,
        1.75,
        None,
        5.75,
    ]
    assert server.dropped == 2


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        pytest.param([], {}, id="nothing"),
        pytest.param([3.0], {0.5: 3.0, 0.9: 3.0, 0.99: 3.0, 1.0: 3.0}, id="one"),
        pytest.param(range(1, 101), {0.5: 50, 0.9: 90, 0.99: 99, 1.0: 100}, id="nearest rank"),
    ],
)
def test_quantiles(values: list[float], expected: dict[float, float]) -> None:
    assert quantiles(values) == expected


def test_peak_counts_a_slot_from_its_first_instant() -> None:
    assert peak([0.3, 0.35, 0.39, 0.4], 0.1) == 3
    assert peak([], 0.1) == 0
