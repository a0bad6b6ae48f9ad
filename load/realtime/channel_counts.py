"""The counts of channel operations: the recorder of a process counts connects, heartbeats and events like requests."""

from time import perf_counter_ns

from load.engine.in_flight import RequestTracker
from load.realtime.channel import TimedChannel


class ChannelCounts:
    """The counter of channel operations. `began` is in ns of perf_counter, and also the due time."""

    def __init__(self, tracker: RequestTracker) -> None:
        self._tracker = tracker

    def answered(self, channel: TimedChannel, began: int, status: int) -> None:
        now = perf_counter_ns()
        recorder, start = self._tracker.recorder, self._tracker.start
        self._begun(channel, began)
        slow = now - began > recorder.thresholds[channel.id]
        recorder.answered(
            channel.id, due=began - start, sent=began - start, done=max(now, began) - start, status=status,
            still=self._tracker.stalls.within(began, now) if slow else 0,
        )  # fmt: skip
        self._tracker.report(channel, max(0, now - began) / 1e6, 0, "")

    def failed(self, channel: TimedChannel, began: int, kind: str) -> None:
        now = perf_counter_ns()
        start = self._tracker.start
        example = f"{channel.label}: {kind} after {(now - began) / 1e9:.1f} s"
        self._begun(channel, began)
        self._tracker.recorder.failed(
            channel.id, due=began - start, done=now - start, kind=f"error:{kind}", example=example
        )
        self._tracker.report(channel, (now - began) / 1e6, 0, example)

    def _begun(self, channel: TimedChannel, began: int) -> None:
        recorder, at = self._tracker.recorder, began - self._tracker.start
        recorder.due(channel.id, at)
        recorder.sent(channel.id, due=at, sent=at)
