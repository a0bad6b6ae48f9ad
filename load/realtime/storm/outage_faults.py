"""The outages of a storm as a table: their toxics in order, and their effect on a client.

>>> FAULTS["graceful"].clean, FAULTS["kill"].clean
(True, False)
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from load.realtime.simulation.network import Mode

CLOSE_1012 = "880203f4"
"""A server's close frame with code 1012 (RFC 6455, 5.2 and 7.4), which the proxy sends for any target."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToxicStep:
    """One toxic. `brief`: it is removed at once, so that it affects existing connections only."""

    toxic: str
    attributes: Mapping[str, Any] = field(default_factory=dict)
    stream: str = "downstream"
    brief: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OutageFault:
    """One kind of outage."""

    name: str
    meaning: str
    puts: tuple[ToxicStep, ...]
    mode: Mode
    clean: bool = False
    expires: bool = False
    """Every access token expires during the outage, which needs a target whose clock can be moved."""

    @property
    def hangs(self) -> bool:
        """Whether connects time out, so that the connect timeout is part of the schedule and scales with it."""
        return self.mode in (Mode.STALL, Mode.HANG)

    @property
    def silent(self) -> bool:
        """Whether the client gets no event and can only notice missing answers to heartbeats. The toxic stays until the storm ends,
        because removing it does not undo its effect."""
        return self.mode is Mode.HALF_OPEN


CUT = ToxicStep(toxic="down", attributes={"reset": True}, brief=True)

_ROWS = (
    OutageFault(
        name="kill",
        meaning="every socket is reset and connects are refused, as after SIGKILL (1006)",
        puts=(ToxicStep(toxic="down", attributes={"reset": True}),),
        mode=Mode.REFUSE,
    ),
    OutageFault(
        name="graceful",
        meaning="every socket is closed with 1012 and connects are refused, as at a deploy (SIGTERM)",
        puts=(ToxicStep(toxic="down", attributes={"farewell": CLOSE_1012}),),
        mode=Mode.REFUSE,
        clean=True,
    ),
    OutageFault(
        name="refuse",
        meaning="every socket ends by FIN without a close frame and connects are refused",
        puts=(ToxicStep(toxic="down"),),
        mode=Mode.REFUSE,
    ),
    OutageFault(
        name="blackhole",
        meaning="every socket is reset, then connects are taken and not answered until the end",
        puts=(CUT, ToxicStep(toxic="blackhole")),
        mode=Mode.STALL,
    ),
    OutageFault(
        name="hang",
        meaning="every socket is reset, then connects are taken and their upgrades lost for good",
        puts=(CUT, ToxicStep(toxic="timeout", stream="upstream")),
        mode=Mode.HANG,
    ),
    OutageFault(
        name="half-open",
        meaning="every socket goes silent without an event; new connects work",
        puts=(ToxicStep(toxic="half_open"),),
        mode=Mode.HALF_OPEN,
    ),
    OutageFault(
        name="flap",
        meaning="every socket is reset, then each new one 50 ms after it opened",
        puts=(CUT, ToxicStep(toxic="reset_answered", attributes={"timeout": 50})),
        mode=Mode.FLAP,
    ),
    OutageFault(
        name="expiry",
        meaning="as kill, and every access token ends meanwhile (by the target's control interface)",
        puts=(ToxicStep(toxic="down", attributes={"reset": True}),),
        mode=Mode.REFUSE,
        expires=True,
    ),
)

FAULTS: Mapping[str, OutageFault] = MappingProxyType({fault.name: fault for fault in _ROWS})
