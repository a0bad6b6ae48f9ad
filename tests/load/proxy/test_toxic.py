"""The table of toxics: what each does to bytes, and what is refused."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from load.proxy.toxic import KINDS, MOST, Kind, ToxicError, toxic

TOXIPROXY = {
    "latency": {"latency", "jitter"},
    "bandwidth": {"rate"},
    "slow_close": {"delay"},
    "timeout": {"timeout"},
    "reset_peer": {"timeout"},
    "slicer": {"average_size", "size_variation", "delay"},
    "limit_data": {"bytes"},
}


@pytest.mark.parametrize("name", TOXIPROXY)
def test_names_and_attributes_are_those_of_toxiproxy(name: str) -> None:
    assert set(KINDS[name].attributes) == TOXIPROXY[name]


@pytest.mark.parametrize(
    ("type_", "attributes", "data", "age", "expected"),
    [
        pytest.param("latency", {"latency": 100}, b"ab", 0.0, [(0.1, b"ab")], id="latency waits"),
        pytest.param("latency", {"latency": 100}, b"ab", 0.08, [(0.02, b"ab")], id="latency counts time queued"),
        pytest.param("latency", {"latency": 100}, b"ab", 0.5, [(0.0, b"ab")], id="latency is never negative"),
        pytest.param("bandwidth", {"rate": 1}, b"x" * 250, 0.0,
                     [(0.1, b"x" * 100), (0.1, b"x" * 100), (0.05, b"x" * 50)], id="1 KB/s in tenths of a second"),
        pytest.param("slicer", {"average_size": 2, "delay": 500}, b"abcde", 0.0,
                     [(0.0, b"ab"), (0.0005, b"cd"), (0.0005, b"e")], id="slices with pauses in µs"),
        pytest.param("reset_peer", {}, b"ab", 0.0, [(0.0, b"ab")], id="others leave bytes alone"),
    ],
)  # fmt: skip
def test_shape(
    type_: str, attributes: dict[str, int], data: bytes, age: float, expected: list[tuple[float, bytes]]
) -> None:
    fault = toxic(type_, attributes)
    assert fault.kind.shape(fault, data, age, Random(1)) == expected


def test_chance_is_seeded() -> None:
    fault = toxic("slicer", {"average_size": 20, "size_variation": 10})
    cuts = [[len(p) for _, p in fault.kind.shape(fault, b"x" * 400, 0.0, Random(seed))] for seed in (1, 1, 2)]
    assert cuts[0] == cuts[1] != cuts[2]
    assert all(10 <= size <= 30 for size in cuts[0][:-1]) and sum(cuts[0]) == 400


def test_jitter_stays_within_its_band() -> None:
    fault = toxic("latency", {"latency": 100, "jitter": 20})
    waits = [fault.kind.shape(fault, b"x", 0.0, random)[0][0] for random in [Random(7)] for _ in range(500)]
    assert 0.08 <= min(waits) < 0.085 and 0.115 < max(waits) <= 0.12


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
@given(data=st.data())
def test_whatever_is_accepted_keeps_every_byte(kind: Kind, data: st.DataObject) -> None:
    """Else a mistake would end a connection in mid-run instead of the request that made it."""
    numbers = {
        name: st.integers(-1, MOST + 1) for name, default in kind.attributes.items() if type(default) is int
    }
    try:
        accepted = toxic(kind.name, data.draw(st.fixed_dictionaries(numbers)))
    except ToxicError:
        return
    sent = data.draw(st.binary(max_size=300))
    pieces = kind.shape(accepted, sent, data.draw(st.floats(0, 10)), Random(1))
    assert b"".join(piece for _, piece in pieces) == sent and all(wait >= 0 for wait, _ in pieces)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        pytest.param({"type": "gremlins", "attributes": {}}, "there is no toxic 'gremlins'", id="unknown type"),
        pytest.param({"type": "latency", "attributes": {"delay": 1}}, "no attribute 'delay'", id="unknown attribute"),
        pytest.param({"type": "latency", "attributes": {"latency": -1}}, "from 0 to 1,000,000,000", id="negative"),
        pytest.param({"type": "bandwidth", "attributes": {"rate": 0}}, "from 1 to 1,000,000,000", id="no rate at all"),
        pytest.param({"type": "latency", "attributes": {"latency": "1"}}, "must be a int", id="wrong type"),
        pytest.param({"type": "latency", "attributes": {"latency": True}}, "must be a int", id="a bool is no int"),
        pytest.param({"type": "down", "attributes": {"farewell": "xyz"}}, "hex digits", id="farewell not hex"),
        pytest.param({"type": "down", "attributes": {}, "stream": "sideways"}, "upstream or downstream", id="stream"),
        pytest.param({"type": "down", "attributes": {}, "toxicity": 1.1}, "from 0 to 1", id="toxicity"),
    ],
)  # fmt: skip
def test_refused(arguments: dict[str, object], message: str) -> None:
    with pytest.raises(ToxicError, match=message):
        toxic(**arguments)  # type: ignore[arg-type]
