"""The toxics of the proxy as a table: the effect of each on bytes, on connections, and on the listener.

Names and attributes of the first eight are Toxiproxy's (README, "Toxics"; times in ms, sizes in bytes, rate in KB/s), so a scenario
also works with Toxiproxy itself; the last four are ours. A toxic without a toxicity applies to every connection. Random numbers come
from a generator that the caller seeds.

    >>> latency = toxic("latency", {"latency": 100, "jitter": 0})
    >>> latency.kind.shape(latency, b"x", 0.02, Random(1))
    [(0.08, b'x')]
    >>> toxic("gremlins", {})  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    load.proxy.toxic.ToxicError: there is no toxic 'gremlins'; there are latency, bandwidth, ...
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Any, Literal, TypeAlias

Stream: TypeAlias = Literal["upstream", "downstream"]
"""`downstream` is from the server to the client, as in Toxiproxy."""

Pieces: TypeAlias = list[tuple[float, bytes]]
"""(seconds to wait, bytes to pass on after that), in order."""


class ToxicError(ValueError):
    """An unknown toxic or wrong attributes; the message lists the known ones."""


def whole(toxic: Toxic, data: bytes, age: float, random: Random) -> Pieces:
    return [(0.0, data)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """One kind of toxic. The defaults are an undisturbed connection."""

    name: str
    meaning: str
    attributes: Mapping[str, Any]
    """Every attribute with its default; the type of the default is the type of the value."""
    shape: Callable[[Toxic, bytes, float, Random], Pieces] = whole
    """(toxic, bytes, seconds since they arrived, chance) -> when to pass what."""
    discards: bool = False
    """Bytes are taken and thrown away."""
    ends: Literal["", "close", "reset"] = ""
    """How the connection ends, `timeout` ms after the toxic met it."""
    once_answered: bool = False
    """... or after the first byte from the server, where that comes later."""
    holds: Literal["", "all", "old"] = ""
    """Bytes are not even taken: of all connections, or of those that live when the toxic comes."""
    shuts: bool = False
    """Nobody listens while it is on."""
    kills: bool = False
    """Living connections end when it comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Toxic:
    name: str
    kind: Kind
    stream: Stream
    toxicity: float
    attributes: Mapping[str, Any]

    def describe(self) -> dict[str, Any]:
        """Toxiproxy's JSON of a toxic."""
        return {
            "name": self.name,
            "type": self.kind.name,
            "stream": self.stream,
            "toxicity": self.toxicity,
            "attributes": dict(self.attributes),
        }


def latency(toxic: Toxic, data: bytes, age: float, random: Random) -> Pieces:
    spread = toxic.attributes["jitter"]
    delay = toxic.attributes["latency"] + (random.uniform(-spread, spread) if spread else 0.0)
    # Bytes that already waited behind others have had that part of their delay.
    return [(max(0.0, round(delay / 1000 - age, 9)), data)]


def bandwidth(toxic: Toxic, data: bytes, age: float, random: Random) -> Pieces:
    rate = toxic.attributes["rate"] * 1000
    # Tenths of a second at a time, as Toxiproxy does, so that a slow link flows and does not gush.
    step = max(1, rate // 10)
    pieces = [data[at : at + step] for at in range(0, len(data), step)]
    return [(len(piece) / rate, piece) for piece in pieces]


def slicer(toxic: Toxic, data: bytes, age: float, random: Random) -> Pieces:
    average, variation = toxic.attributes["average_size"], toxic.attributes["size_variation"]
    pause = toxic.attributes["delay"] / 1_000_000
    pieces: Pieces = []
    at = 0
    while at < len(data):
        size = max(1, average + (random.randint(-variation, variation) if variation else 0))
        pieces.append((pause if at else 0.0, data[at : at + size]))
        at += size
    return pieces


_ROWS = (
    Kind(
        name="latency",
        meaning="delays all data by `latency` ms, give or take `jitter`",
        attributes={"latency": 0, "jitter": 0},
        shape=latency,
    ),
    Kind(
        name="bandwidth",
        meaning="passes at most `rate` KB/s",
        attributes={"rate": 100},
        shape=bandwidth,
    ),
    Kind(
        name="slow_close",
        meaning="passes the end of a connection on `delay` ms late",
        attributes={"delay": 0},
    ),
    Kind(
        name="timeout",
        meaning="discards all data and closes after `timeout` ms; 0 never closes",
        attributes={"timeout": 0},
        discards=True,
        ends="close",
    ),
    Kind(
        name="reset_peer",
        meaning="resets the connection (RST) after `timeout` ms",
        attributes={"timeout": 0},
        ends="reset",
    ),
    Kind(
        name="slicer",
        meaning="cuts data into pieces of `average_size` bytes, `delay` µs apart",
        attributes={"average_size": 64, "size_variation": 0, "delay": 0},
        shape=slicer,
    ),
    Kind(
        name="limit_data",
        meaning="closes the connection after `bytes` bytes",
        attributes={"bytes": 0},
    ),
    Kind(
        name="down",
        meaning="nobody listens and every connection ends: by FIN, by RST (`reset`), or after the bytes of "
        "`farewell` (hex), which is how a clean close of any protocol is forged",
        attributes={"reset": False, "farewell": ""},
        shuts=True,
        kills=True,
    ),
    Kind(
        name="refuse",
        meaning="nobody listens; living connections stay",
        attributes={},
        shuts=True,
    ),
    Kind(
        name="blackhole",
        meaning="nothing passes in either direction and nobody is told; once it is gone, all that waited passes",
        attributes={},
        holds="all",
    ),
    Kind(
        name="half_open",
        meaning="connections that live now go silent for good, new ones work; once it is gone, the silent ones "
        "are reset, as by a router that lost its table",
        attributes={},
        holds="old",
    ),
    Kind(
        name="reset_answered",
        meaning="resets the connection (RST) `timeout` ms after its first answer began, however long that took to come",
        attributes={"timeout": 0},
        ends="reset",
        once_answered=True,
    ),
)

KINDS: Mapping[str, Kind] = MappingProxyType({kind.name: kind for kind in _ROWS})


MOST = 1_000_000_000
"""The largest number of an attribute, in its unit (ms, bytes, KB/s): timers of a million years are an OverflowError."""


def toxic(
    type: str,
    attributes: Mapping[str, Any],
    *,
    stream: str = "downstream",
    name: str = "",
    toxicity: float = 1.0,
) -> Toxic:
    """A toxic with checked and completed attributes; ToxicError if they are wrong."""
    kind = KINDS.get(type)
    if kind is None:
        raise ToxicError(f"there is no toxic {type!r}; there are {', '.join(KINDS)}")
    if stream != "upstream" and stream != "downstream":
        raise ToxicError(f"stream is upstream or downstream, not {stream!r}")
    if isinstance(toxicity, bool) or not isinstance(toxicity, int | float) or not 0 <= toxicity <= 1:
        raise ToxicError(f"toxicity is a number from 0 to 1, not {toxicity!r}")
    for key, value in attributes.items():
        _check(kind, key, value)
    complete = MappingProxyType({**kind.attributes, **attributes})
    return Toxic(
        name=name or f"{type}_{stream}",
        kind=kind,
        stream="upstream" if stream == "upstream" else "downstream",
        toxicity=float(toxicity),
        attributes=complete,
    )


def _check(kind: Kind, key: str, value: Any) -> None:
    if key not in kind.attributes:
        known = ", ".join(kind.attributes) or "none"
        raise ToxicError(f"{kind.name} has no attribute {key!r}; it has {known}")
    expected = type(kind.attributes[key])
    least = 1 if key == "rate" else 0
    if type(value) is not expected or (expected is int and not least <= value <= MOST):
        bounds = f", from {least} to {MOST:,}" if expected is int else ""
        raise ToxicError(f"{kind.name}.{key} must be a {expected.__name__}{bounds}, not {str(value)[:40]!r}")
    if key == "farewell":
        try:
            bytes.fromhex(value)
        except ValueError:
            raise ToxicError(f"down.farewell must be hex digits, not {value!r}") from None
