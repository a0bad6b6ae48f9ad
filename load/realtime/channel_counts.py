"""What sockets did, counted like requests: each connect, heartbeat and event by the recorder of its process."""

from time import perf_counter_ns

from load.engine.in_flight import RequestTracker
from load.realtime.channel import TimedChannel


class ChannelCounts:
    """Times are ns of perf_counter; what began is due at that moment."""

    def __init__(self, tracker: RequestTracker) -> None:
        self._tracker = tracker

    def answered(self, channel: TimedChannel, began: int, status: int) -> None:
        now = perf_counter_ns()
        recorder, start = self._tracker.recorder, self._tracker.start
        self._begun(channel, began)
        recorder.answered(
            channel.id, due=began - start, sent=began - start, done=max(now, began) - start, status=status
        )
        self._tracker.report(channel, max(0, now - began) / 1e6, 0, "")

    def failed(self, channel: TimedChannel, began: int, kind: str) -> None:
        now = perf_counter_ns()
        start = self._tracker.start
        told = f"{channel.label}: {kind} after {(now - began) / 1e9:.1f} s"
        self._begun(channel, began)
        self._tracker.recorder.failed(
            channel.id, due=began - start, done=now - start, kind=f"error:{kind}", example=told
        )
        self._tracker.report(channel, (now - began) / 1e6, 0, told)

    def _begun(self, channel: TimedChannel, began: int) -> None:
        recorder, at = self._tracker.recorder, began - self._tracker.start
        recorder.due(channel.id, at)
        recorder.sent(channel.id, due=at, sent=at)
