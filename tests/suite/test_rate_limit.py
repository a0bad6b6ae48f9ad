"""A rate limit slows the suite down and is never a red: 429 with Retry-After is waited for and counted. The checks of the limit itself
pass on a limit that keeps its rules."""

import itertools
import threading
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from contracts.run import parse
from contracts.spec import load as load_spec
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.checks import test_fuzz
from contracts.suite.client.http_exchange import HttpRequest
from contracts.suite.contract_violation import Unchecked
from contracts.suite.plugin import preflight
from contracts.suite.realtime.handshake_fields import upgrade
from contracts.suite.realtime.raw_socket import RawSocket
from contracts.suite.realtime.recording_socket import RecordingSocket
from contracts.suite.world import target_client
from contracts.suite.world.accounts import AccountSession
from contracts.suite.world.suite_settings import settings
from contracts.suite.world.target_client import TargetClient
from tests.fork_server import embedded_server
from tests.suite.conftest import Suite
from tests.suite.mutating_proxy import Passing, mutating
from tests.suite.serving import Received, Reply, serving


@pytest.mark.parametrize(
    ("told", "refusals", "path", "status", "waited"),
    [
        pytest.param("7", 2, "/api/content/items", 200, [7.0, 7.0], id="twice"),
        pytest.param("7", 99, "/api/content/items", None, [7.0] * target_client.ATTEMPTS, id="for ever"),
        pytest.param(None, 2, "/api/content/items", 200, [1.0, 2.0], id="without Retry-After"),
        pytest.param("3600", 1, "/api/content/items", None, [], id="too long"),
    ],
)  # fmt: skip
def test_429_is_waited_for(
    monkeypatch: pytest.MonkeyPatch,
    told: str | None,
    refusals: int,
    path: str,
    status: int | None,
    waited: list[float],
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(target_client.time, "sleep", slept.append)
    left = [refusals]

    def limit(_: Received) -> Reply:
        left[0] -= 1
        if left[0] < 0:
            return Reply(200)
        return Reply(429, [] if told is None else [("Retry-After", told)])

    with serving(limit) as url:
        target = TargetClient(settings({"target": url}, {}), load_spec(), url, embedded=False)
        request = HttpRequest(method="GET", url=f"{url}{path}")
        if status is None:
            with pytest.raises(Unchecked, match="429"):
                target.send(request)
        else:
            assert target.send(request).status == status
            assert len(target.recorder.kept) == 1
        target.connection.close()
    if told is not None:
        assert slept == waited
    assert target.recorder.waited == sum(waited)
    assert target.recorder.requests == len(waited) + 1


LOGIN_LIMIT = b'{"code": "LOGIN_THROTTLED"}'


@pytest.mark.parametrize(
    ("password", "told", "outcome", "slept"),
    [
        pytest.param("demo-password", b"<html>", 200, [7.0], id="the right one, limited on the way"),
        pytest.param("demo-password", b'{"code": "RATE_LIMITED"}', 200, [7.0], id="the right one, limited by the server"),
        pytest.param("demo-password", LOGIN_LIMIT, 429, [], id="the right one after failures"),
        pytest.param("wrong", LOGIN_LIMIT, 429, [], id="a wrong one after failures"),
        pytest.param("wrong", b"<html>", Unchecked, [], id="a wrong one, limited on the way"),
    ],
)  # fmt: skip
def test_a_login_that_is_refused_for_its_rate(
    password: str, told: bytes, outcome: Any, slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit of failed logins has a code, and checks judge it; any other one is waited for, or its refusal says nothing."""
    waits: list[float] = []
    monkeypatch.setattr(target_client.time, "sleep", waits.append)
    answers = iter([Reply(429, [("Retry-After", "7")], told), Reply(200)])
    with serving(lambda _: next(answers)) as url:
        target = TargetClient(settings({"target": url}, {}), load_spec(), url, embedded=False)
        with pytest.raises(outcome) if outcome is Unchecked else nullcontext():
            found = target.call("login", body={"email": "demo@tchat.com", "password": password})
            assert found.status == outcome
        target.connection.close()
    assert waits == slept


@pytest.mark.parametrize(
    ("body", "answers", "slept"),
    [
        pytest.param(b"<html>", [429, 200], [7.0], id="by something on the way"),
        pytest.param(b"<html>", [429, 429], [7.0], id="once only"),
        pytest.param(LOGIN_LIMIT, [429], [], id="after failures"),
    ],
)
def test_the_first_login_waits_for_a_limit(
    body: bytes, answers: list[int], slept: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr(preflight.time, "sleep", waits.append)
    said: list[str] = []
    left = iter([Reply(status, [("Retry-After", "7")], body) for status in answers])
    with serving(lambda _: next(left)) as url:
        end = preflight.preflight(settings({"target": url}, {}), load_spec(), say=said.append)
    assert waits == slept and next(left, None) is None
    assert said == ["/api/auth/login is limited (429): waiting 7 s, as its Retry-After says"] * len(slept)
    if answers[-1] == 200:
        assert end is None
    else:
        assert end is not None and "takes no login for 7 s (429" in end.reason


@pytest.mark.parametrize("every", [1, 3])
def test_random_logins_that_something_limits_say_nothing_of_the_server(every: int) -> None:
    """Where most are limited, nothing is known; where few are, the others are judged."""
    seen = itertools.count(1)

    def limited(passing: Passing) -> Passing:
        refused = passing.status in (400, 401) and passing.path.endswith("/auth/login")
        return (
            replace(passing, status=429, headers={}, body=b"<html>")
            if refused and next(seen) % every == 0
            else passing
        )

    with embedded_server() as server, mutating(server.url, limited) as url:
        world = World(settings({"target": url}, {}, seed=7), load_spec())
        with pytest.raises(Unchecked, match="refused for their rate") if every == 1 else nullcontext():
            test_fuzz.requests(Api(world, "fuzz.requests"), "login")
        world.target.connection.close()


def test_a_target_that_refuses_for_good_and_says_no_time_is_waited_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(target_client.time, "sleep", lambda _: None)
    with serving(lambda _: Reply(429, [("Retry-After", "-5")])) as url:
        target = TargetClient(settings({"target": url}, {}), load_spec(), url, embedded=False)
        for _ in range(3):
            with pytest.raises(Unchecked, match="429"):
                target.send(HttpRequest(method="GET", url=f"{url}/api/content/items"))
        target.connection.close()
    assert target.recorder.waited == sum(target_client.UNSAID)


def test_a_limit_that_says_no_time_slows_the_process_down_and_less_and_less(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(target_client.time, "sleep", slept.append)
    monkeypatch.setattr(target_client.time, "monotonic", lambda: 10.0 + sum(slept))
    answers = itertools.chain([200, 429, 429], itertools.repeat(200))
    with serving(lambda _: Reply(next(answers))) as url:
        target = TargetClient(settings({"target": url}, {}), load_spec(), url, embedded=False)
        for _ in range(4):
            target.send(HttpRequest(method="GET", url=f"{url}/api/content/items"))
        target.connection.close()
    one, two, least, eased = *target_client.UNSAID[:2], target_client.LEAST_PACE, target_client.EASING
    second = 2 * least * eased
    assert slept == pytest.approx([one, least, two, second, second * eased, second * eased**2])


@pytest.mark.parametrize("raw", [True, False])
def test_a_handshake_that_is_refused_for_its_rate_is_sent_again(
    raw: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    slept: list[float] = []
    monkeypatch.setattr(target_client.time, "sleep", slept.append)
    statuses = iter([429, 429])

    def limited(connection: ServerConnection, _: Any) -> Any:
        status = next(statuses, None)
        return connection.respond(status, "") if status else None

    with serve(lambda connection: connection.recv(), "127.0.0.1", 0, process_request=limited) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.socket.getsockname()[1]}"
        target = TargetClient(settings({"target": url}, {}), load_spec(), url, embedded=False)
        if raw:
            made = RawSocket(target, upgrade(), "?token=t")
            assert made.status == 101
            made.close()
        else:
            session = AccountSession("t", "r", "u", (), opened=0.0, life=9.0)
            RecordingSocket(target, session).close()
        server.shutdown()
    assert target.recorder.waited == sum(target_client.UNSAID[:2])


def silent(passing: Passing) -> Passing:
    kept = {
        name: value for name, value in passing.headers.items() if not name.lower().startswith("ratelimit")
    }
    return replace(passing, headers=kept)


@pytest.mark.parametrize("told", [True, False])
def test_a_limit_that_keeps_its_rules_is_green_and_its_refusals_are_nobodys_cause(
    suite: Suite, tmp_path: Path, told: bool
) -> None:
    """One that no RateLimit field tells is judged all the same, but for what those fields say."""
    out = tmp_path / "run.json"
    with (
        embedded_server("--rate-limit", "10") as server,
        nullcontext(server.url) if told else mutating(server.url, silent) as url,
    ):
        done = suite("--target", url, "-k", "limits", "--run-out", str(out))
    run = parse(out.read_bytes(), name="run.json")
    judged = ["limits.refusal", "limits.recovers", "limits.refused-free", "limits.per-user"]
    assert {check.id: check.grade for check in run.checks if check.id.startswith("limits.")} == dict.fromkeys(
        [*judged, "limits.count"] if told else judged, "PASS"
    ), done.stdout[-3000:]
    assert done.returncode == 0 and "in the middle of the run" not in done.stdout
