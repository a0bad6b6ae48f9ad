"""The results of a storm, computed from the histories of its clients, in the same way for simulated and real storms."""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from load.realtime.policies.protocol import Notice, Purpose
from load.realtime.simulation.network import Mode, Outage

QUANTILES = (0.5, 0.9, 0.99, 1.0)


@dataclass(slots=True, kw_only=True)
class ClientHistory:
    """The events of one client. Times are seconds from the drop; earlier ones are negative."""

    connects: list[float] = field(default_factory=list)
    opened: list[float] = field(default_factory=list)
    notices: list[tuple[float, Notice]] = field(default_factory=list)
    timers: dict[int, Purpose] = field(default_factory=dict)
    sockets: dict[int, bool] = field(default_factory=dict)
    """Socket -> whether it is open; a socket that has ended is not listed."""
    dead: set[int] = field(default_factory=set)
    """Half-open sockets: open to the client, but nothing gets through."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Prediction:
    """The results of a storm. `recovery` maps quantiles to seconds from the server's return; it is empty if no client came
    back."""

    policy: str
    outage: Outage
    clients: int
    recovered: int
    given_up: int
    never_tried: int
    still_trying: int
    frozen: int
    recovery: Mapping[float, float]
    attempts: Mapping[int, int]
    """Connects after the drop -> number of clients."""
    sockets: Mapping[int, int]
    """Live sockets at the end -> number of clients."""
    connects: int
    peak_connects_100ms: int
    wasted_handshakes: int
    syn_drops: int

    @property
    def connects_per_client(self) -> float:
        return self.connects / self.clients

    @property
    def sockets_per_client(self) -> float:
        return sum(sockets * clients for sockets, clients in self.sockets.items()) / self.clients


def quantiles(values: Iterable[float]) -> dict[float, float]:
    """The QUANTILES of values by nearest rank; empty without values."""
    ordered = sorted(values)
    return {q: ordered[max(0, math.ceil(q * len(ordered)) - 1)] for q in QUANTILES} if ordered else {}


def peak(times: Iterable[float], width: float) -> int:
    """The largest number of times in a slot [k * width, (k + 1) * width)."""
    # 1e-9 is added because 0.3 / 0.1 is 2.9999999999999996, which belongs to slot 3.
    return max(Counter(math.floor(at / width + 1e-9) for at in times).values(), default=0)


def predict(
    policy: str, outage: Outage, clients: Sequence[ClientHistory], *, wasted: int, syn_drops: int
) -> Prediction:
    fates = Counter(fate(client) for client in clients)
    connects = [[at for at in client.connects if at >= 0.0] for client in clients]
    back = 0.0 if outage.mode in (Mode.HALF_OPEN, Mode.FLAP) else outage.seconds
    first = [
        next(at for at in client.opened if at >= back) - back
        for client in clients
        if fate(client) == "recovered" and any(at >= back for at in client.opened)
    ]
    return Prediction(
        policy=policy,
        outage=outage,
        clients=len(clients),
        recovered=fates["recovered"],
        given_up=fates["given up"],
        never_tried=fates["never tried"],
        still_trying=fates["still trying"],
        frozen=fates["frozen"],
        recovery=quantiles(first),
        attempts=dict(sorted(Counter(map(len, connects)).items())),
        sockets=dict(sorted(Counter(live(client) for client in clients).items())),
        connects=sum(map(len, connects)),
        peak_connects_100ms=peak((at for each in connects for at in each), 0.1),
        wasted_handshakes=wasted,
        syn_drops=syn_drops,
    )


def live(client: ClientHistory) -> int:
    """The number of sockets that are open and not dead."""
    return sum(is_open and socket not in client.dead for socket, is_open in client.sockets.items())


def fate(client: ClientHistory) -> str:
    """The final state of a client; the worst state counts."""
    if any(notice is Notice.FROZEN for _, notice in client.notices):
        return "frozen"
    if live(client):
        return "recovered"
    if any(purpose is Purpose.RECONNECT for purpose in client.timers.values()):
        return "still trying"
    if not any(at >= 0.0 for at in client.connects):
        return "never tried"
    return "given up"
