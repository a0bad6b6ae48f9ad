"""Locust's options and ours, and the order that they make."""

import argparse
import re
import tomllib
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest

from contracts.spec import load
from load import options, run_options
from load.runs.run_config import OptionError, RunConfig


def given(*words: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    options.add(parser)
    return parser.parse_args(words)


def asked(*words: str, **more: Any) -> run_options.RunRequest:
    nobody = {"users": None, "rise": None, "run_time": None, "endless": True}
    return run_options.RunRequest(
        given=given(*words), host="http://127.0.0.1:1", tell=lambda *_: None, gone=lambda _: False, report=lambda *_: None,
        **{"spec": load(), **nobody, **more},
    )  # fmt: skip


def order(*words: str, **more: Any) -> RunConfig:
    return run_options.plan_config(asked(*words, **more))


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
def test_orders(found: RunConfig, expected: tuple[object, ...]) -> None:
    assert (found.scenario, found.rate, found.seconds, found.climb) == expected
    assert RunConfig(**found.message()) == found


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
    with pytest.raises(OptionError, match=words[0]):
        order(*words)


@pytest.mark.parametrize(
    ("option", "shown"),
    [
        pytest.param(
            "--list-scenarios", ("sync-catchup", "reconnect", "capacity", "realtime"), id="scenarios"
        ),
        pytest.param("--help-all", ("Tchat harness:", "--i-own-this-target", "--think S"), id="options"),
    ],
)
def test_what_is_printed_ends_the_program(
    option: str, shown: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as left:
        given(option)
    assert left.value.code == 0
    printed = capsys.readouterr().out
    assert [text for text in shown if text not in printed] == []


def test_locust_alone_finds_our_locustfile() -> None:
    """Locust reads pyproject.toml of the folder in which it is called."""
    root = Path(__file__).resolve().parents[2]
    named = tomllib.loads((root / "pyproject.toml").read_text("utf-8"))["tool"]["locust"]["locustfile"]
    assert (root / named).samefile(Path(options.__file__).with_name("locustfile.py"))


def test_a_login_by_code_is_two_requests_in_the_place_of_one() -> None:
    found = order("--scenario", "login-burst", "--flow", "pkce")
    assert found.operations(found.plan()) == {
        "signIn",
        "exchangeToken",
        "getContentItems",
        "getContentCategories",
    }
    spec = replace(load(), oauth={})
    with pytest.raises(
        OptionError, match="--flow pkce: the document has no operation that takes the sign-in form"
    ):
        order("--flow", "pkce", spec=spec)


def people(*words: str, roles: tuple[str, ...] = ("WebUser",), endless: bool = False) -> RunConfig:
    request = asked(*words, endless=endless)
    request.given.user_classes = roles
    return run_options.population_config(request)


@pytest.mark.parametrize(
    ("found", "scenario", "words"),
    [
        pytest.param(people(), "web", "20 people (WebUser; guide-intended and guide-exact", id="one role"),
        pytest.param(people(endless=True), "web", "until somebody stops them", id="in the web page"),
        pytest.param(people("--duration", "5", endless=True), "web", "for 5 s", id="a duration"),
        pytest.param(people("--client-profile", "guide-exact"), "web", "(WebUser; guide-exact;", id="one profile"),
        pytest.param(
            people("--policies", "guide-fixed", "--think", "0.5", roles=("IosUser", "RealtimeUser")),
            "ios+realtime",
            "guide-fixed; a step every 0.5 s",
            id="two roles, one of them with sockets",
        ),
    ],
)  # fmt: skip
def test_people(found: RunConfig, scenario: str, words: str) -> None:
    assert found.scenario == scenario and words in found.words
    assert found.claim == "clients"
    message = found.message()
    assert RunConfig.read(message) == found
    assert RunConfig.read(msgspec.json.decode(msgspec.json.encode(message))) == found


@pytest.mark.parametrize(
    ("words", "told"),
    [
        pytest.param(("--client-profile", "x"), "--client-profile 'x': there are guide-intended", id="profile"),
        pytest.param(("--policies", ""), "--policies '': there are", id="no policy"),
        pytest.param(("--think", "0"), "--think must be above 0", id="think"),
        pytest.param(("--scenario", "gate"), "WebUser are people, and --scenario gate has none", id="a plan too"),
    ],
)  # fmt: skip
def test_mistakes_about_people(words: tuple[str, ...], told: str) -> None:
    with pytest.raises(OptionError, match=re.escape(told)):
        people(*words)
