"""Frames that a fault delays until a time of the server's clock, like the server's own timers."""

from typing import NamedTuple

from mock_server.clock import Clock
from mock_server.faults.fault import WrappedStep
from mock_server.realtime.socket import LiveSocket


class HeldFrame(NamedTuple):
    """A frame that is sent when the clock reaches `due`, in microseconds."""

    due: int
    socket: LiveSocket
    frame: str
    stamp: int | None


class HeldFrames:
    def __init__(self) -> None:
        self._held: list[HeldFrame] = []

    def hold(self, due: int, socket: LiveSocket, frame: str, stamp: int | None = None) -> None:
        self._held.append(HeldFrame(due, socket, frame, stamp))

    def has(self, socket: LiveSocket) -> bool:
        return any(one.socket is socket for one in self._held)

    def release(self, *, until: int | None = None, socket: LiveSocket | None = None) -> None:
        """Send what is due by then and meant for this socket; without them, whatever there is."""
        waiting, self._held = self._held, []
        for one in waiting:
            if (until is not None and one.due > until) or (socket is not None and one.socket is not socket):
                self._held.append(one)
            else:
                one.socket.offer(one.frame, one.stamp)


def held(step: WrappedStep) -> HeldFrames:
    """The frames that a fault delays. They are sent when other faults are set."""
    if "held" not in step.memory:
        frames = step.memory["held"] = HeldFrames()
        step.when_off(frames.release)
    found: HeldFrames = step.memory["held"]
    return found


async def released(step: WrappedStep) -> None:
    """A wrapper of `Hub.tick` that sends the due frames after it."""
    await step()
    held(step).release(until=step.part(Clock).now())
