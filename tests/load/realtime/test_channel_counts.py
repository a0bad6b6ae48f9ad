"""Connects, heartbeats and events are counted like requests: a stall of this process is not the target's delay."""

from time import perf_counter_ns

import pytest

from contracts.spec import load
from contracts.verdict import Grade
from load.engine.in_flight import RequestTracker, thresholds
from load.engine.recorder import LoadRecorder
from load.realtime.channel import CHANNELS, TimedChannel
from load.realtime.channel_counts import ChannelCounts
from load.results.judging import health, objective

SECOND = 1_000_000_000
SPEC = load()


@pytest.mark.parametrize("channel", CHANNELS, ids=lambda channel: channel.id)
@pytest.mark.parametrize(
    ("stalled", "grade"),
    [(9.5, Grade.UNKNOWN), (0, Grade.FAIL)],
    ids=["we stood still", "the target is slow"],
)
def test_what_is_read_late_in_a_stall_of_ours_is_no_failure(
    channel: TimedChannel, stalled: float, grade: Grade
) -> None:
    tracker = RequestTracker(SPEC, LoadRecorder(thresholds(SPEC)), lambda *told: None)
    counts, now = ChannelCounts(tracker), perf_counter_ns()
    tracker.start = now - 20 * SECOND
    if stalled:
        tracker.stalls.beat(now - round(stalled * SECOND), now)
    for _ in range(300):
        counts.answered(channel, now - 10 * SECOND, 200)
    tally = tracker.recorder.tallies[channel.id]
    assert (tally.over, tally.ours) == (300, 300 if stalled else 0)
    assert objective(channel, tally, health(tracker.recorder, 0.2)).grade is grade
