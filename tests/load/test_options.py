"""Locust's options and ours, and the order that they make."""

from __future__ import annotations

import argparse

import pytest

from load import options
from load.order import Order, OrderError


def given(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.add(parser)
    return parser.parse_args(words)


def order(*words: str, users: int | None = None, rise: float | None = None, run_time: object = None) -> Order:
    return options.order(given(*words), host="http://127.0.0.1:1", users=users, rise=rise, run_time=run_time)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param(
            order(), ("steady", None, None, 0), id="nothing said: the default scenario's own numbers"
        ),
        pytest.param(order("--scenario", "gate"), ("gate", None, None, 0), id="a scenario"),
        pytest.param(order(users=50), ("steady", 50, None, 0), id="-u is arrivals a second"),
        pytest.param(order(users=50, rise=10), ("steady", 50, None, 5), id="-r is their rise"),
        pytest.param(order(users=50, rise=10, run_time=3), ("steady", 50, 3, 3), id="-t cuts the rise off"),
        pytest.param(
            order(users=1, rise=1), ("steady", None, None, 0), id="Locust's own default of one user"
        ),
        pytest.param(
            order("--rate", "7", users=50, rise=1), ("steady", 7, None, 0), id="--rate wins over -u"
        ),
        pytest.param(
            order("--duration", "2", run_time=9), ("steady", None, 2, 0), id="--duration wins over -t"
        ),
    ],
)
def test_orders(found: Order, expected: tuple[object, ...]) -> None:
    assert (found.scenario, found.rate, found.seconds, found.climb) == expected
    assert Order(**found.message()) == found


@pytest.mark.parametrize(
    "words",
    [
        ("--rate", "x"),
        ("--rate", "0"),
        ("--rate", "-1"),
        ("--rate", "nan"),
        ("--duration", "inf"),
        ("--seed", "1.5"),
    ],
)
def test_bad_numbers(words: tuple[str, ...]) -> None:
    with pytest.raises(OrderError, match=words[0]):
        order(*words)


def test_the_list_is_printed_and_ends_the_program(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        given("--list-scenarios")
    assert left.value.code == 0
    printed = capsys.readouterr().out
    assert "sync-catchup" in printed
    assert "Tchat harness:" in printed and "--i-own-this-target" in printed
