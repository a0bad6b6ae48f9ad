"""Does the target serve the WebSocket channel, and how a check talks to it."""

from __future__ import annotations

from contracts.suite.exchange import Request
from contracts.suite.world import World


def answers(world: World) -> bool:
    """A plain GET of the channel's path is refused with 426 (RFC 9110, 15.5.22) where there is a channel."""
    answer = world.send(Request(method="GET", url=f"{world.base}/ws"))
    return answer.status == 426
