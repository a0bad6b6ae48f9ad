"""What stands before an API: a firewall, limits, a server behind it that restarts. Its refusals are told as what they are, and hide nothing.

Each gateway is a function that answers some requests itself and leaves the others to the reference server.
"""

import re
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from contracts.run import Run, parse
from contracts.run.failure_groups import FOREIGN, failure_groups
from contracts.spec import load
from contracts.suite.client.http_exchange import Exchange, HttpRequest
from contracts.suite.contract_violation import ContractViolation
from contracts.suite.judging.answer_judgement import AnswerJudge
from contracts.suite.realtime.handshake_fields import upgrade
from contracts.suite.realtime.raw_socket import RawSocket
from contracts.suite.realtime.recording_socket import ReceivedMessage, RecordingSocket
from contracts.suite.world.accounts import Accounts, AccountSession
from contracts.suite.world.control import find
from contracts.suite.world.embedded_server import ORIGIN
from contracts.suite.world.suite_settings import settings
from contracts.suite.world.target_client import TargetClient
from tests.fork_server import embedded_server
from tests.suite.conftest import Suite, run_with_plugin
from tests.suite.serving import Received, Reply, forwarded, serving

Gateway = Callable[[Received], Reply | None]
"""The gateway's own answer; None for what it passes on."""
ATTACK = re.compile(rb"\\u0000|%00|%27|text/plain|\\u2028")


def page(status: int, **more: str) -> Reply:
    headers = {"Content-Type": "text/html; charset=iso-8859-1", "Server": "Gate/2.4", **more}
    return Reply(status, headers.items(), f"<html><h1>{status}</h1></html>".encode())


def firewall(received: Received) -> Reply | None:
    """It refuses what looks like an attack to it, some of which the document allows."""
    whole = b"\n".join([received.path.encode(), repr(received.headers).encode(), received.body])
    return page(403) if ATTACK.search(whole) else None


def large(received: Received) -> Reply | None:
    """It takes bodies and URLs of a kilobyte."""
    return page(413) if len(received.body) > 1024 else page(414) if len(received.path) > 1024 else None


@contextmanager
def gate(url: str, gateway: Gateway) -> Iterator[str]:
    with serving(lambda received: gateway(received) or forwarded(url, received)) as at:
        yield at


def run_behind(suite: Suite, folder: Path, gateway: Gateway, chosen: str, *faults: str) -> Run:
    out = folder / "run.json"
    with embedded_server(*faults) as server, gate(server.url, gateway) as url:
        suite("--target", url, "-k", chosen, "--run-out", str(out))
    return parse(out.read_bytes(), name=out.name)


CHOSEN = "createContentItem and (unicode-survives or exact or media-type or requests or is-draft)"


@pytest.mark.parametrize(("gateway", "status"), [(firewall, "403"), (large, "413")])
def test_refusals_of_a_gateway_are_one_cause_and_no_law(
    gateway: Gateway, status: str, suite: Suite, tmp_path: Path
) -> None:
    run = run_behind(suite, tmp_path, gateway, CHOSEN)
    failed = [one for one in run.checks if one.grade == "FAIL"]
    assert {one.id for one in failed} == {"shape.answers"}
    [cause] = failure_groups(run.checks)
    assert f"answers {status} with text/html (Server: Gate/2.4), {FOREIGN}" in cause.text
    assert [one.id for one in run.checks if one.grade == "UNKNOWN" and FOREIGN in one.reason]


@pytest.mark.parametrize(
    ("gateway", "fault", "check"),
    [
        pytest.param(firewall, "za-08-delete-nothing", "items.archived-hidden", id="a write without effect"),
    ],
)
def test_a_gateway_hides_no_fault(
    gateway: Gateway, fault: str, check: str, suite: Suite, tmp_path: Path
) -> None:
    run = run_behind(suite, tmp_path, gateway, check, "--fault", fault)
    assert [one.grade for one in run.checks if one.id == check] == ["FAIL"]


def test_what_met_a_restart_behind_a_gateway_is_checked_again_alone(suite: Suite, tmp_path: Path) -> None:
    """Of 625 checks 138 were not checked because a server had been down for two seconds."""
    seen = count()
    beside = """
from contracts.suite.plugin.workers import parallel_run
parallel_run.workers_for = lambda work, trip, **_: 2
"""
    with (
        embedded_server() as server,
        gate(server.url, lambda _: page(502) if 100 < next(seen) < 150 else None) as url,
    ):
        code, run, _ = run_with_plugin(suite, tmp_path, url, beside, "-k", "items and not paging")
    [cause] = failure_groups(run.checks)
    assert code == 1 and f"answers 502 with text/html (Server: Gate/2.4), {FOREIGN}" in cause.text
    assert not [one.id for one in run.checks if one.grade == "UNKNOWN"]


def test_an_origin_that_a_gateway_names_once_more_is_let_in_by_no_browser(
    suite: Suite, tmp_path: Path
) -> None:
    """It was none that is let in, so that the checks of origins did not run."""
    out = tmp_path / "run.json"
    with embedded_server() as server:

        def twice(received: Received) -> Reply:
            reply = forwarded(server.url, received)
            named = [pair for pair in reply.headers if pair[0].lower() == "access-control-allow-origin"]
            return reply._replace(headers=[*reply.headers, *named])

        with serving(twice) as url:
            suite("--target", url, "-k", "own-origin", "--run-out", str(out))
    [cause] = failure_groups(parse(out.read_bytes(), name=out.name).checks)
    assert f"Access-Control-Allow-Origin = {ORIGIN}, {ORIGIN}, not {ORIGIN}" in cause.text


def test_a_server_error_is_told_with_its_form(suite: Suite, tmp_path: Path) -> None:
    """One in HTML breaks the law whoever has made it, and its Server tells the reader whom to ask."""
    run = run_behind(
        suite,
        tmp_path,
        lambda received: page(500) if received.method == "PUT" else None,
        "items.update-merges",
    )
    [cause] = failure_groups(run.checks)
    assert cause.text.startswith("updateContentItem answers 500 with text/html (Server: Gate/2.4)")


@pytest.mark.parametrize(
    ("gateway", "chosen"),
    [
        pytest.param(lambda each: page(400) if each.body == b"{" else None, "http.no-json", id="the status that is right"),
        pytest.param(lambda each: page(502) if each.method == "OPTIONS" else None, "shape.options", id="nobody behind it"),
    ],
)  # fmt: skip
def test_a_gateway_passes_no_law_in_the_place_of_the_api(
    gateway: Gateway, chosen: str, suite: Suite, tmp_path: Path
) -> None:
    run = run_behind(suite, tmp_path, gateway, chosen)
    assert {one.grade for one in run.checks if one.id == chosen} == {"UNKNOWN"}


class Store:
    """A gateway that keeps answers by their URL and token, whatever they allow. One that is late gives each only once after a write."""

    def __init__(self, *, late: bool = False) -> None:
        self.late, self.kept, self.old = late, dict[tuple[str, str], Reply](), set[tuple[str, str]]()

    def passed(self, url: str, received: Received) -> Reply:
        key = (received.path, received.headers.get("Authorization", ""))
        known = self.kept.get(key)
        if received.method == "GET" and known and (key in self.old or not self.late):
            self.old.discard(key)
            return known
        reply = forwarded(url, received)
        if received.method == "GET" and reply.status == 200:
            self.kept[key] = Reply(reply.status, list(reply.headers), reply.body)
        elif received.method != "GET":
            self.old = set(self.kept)
        return reply


READS = "items.update-merges or revert.content or versions.change-types or caches.fresh-after-writes"


@pytest.mark.parametrize(
    ("late", "cause"),
    [
        pytest.param(False, "so something keeps answers by their URL; 3 more checks fail in consequence", id="a store"),
        pytest.param(True, "updateContentItem answers version 2, and getContentItem shows a draft, version 1 after it", id="a late copy"),
    ],
)  # fmt: skip
def test_old_answers_are_no_writes_without_effect(
    late: bool, cause: str, suite: Suite, tmp_path: Path
) -> None:
    out, store = tmp_path / "run.json", Store(late=late)
    with embedded_server() as server, serving(lambda received: store.passed(server.url, received)) as url:
        suite("--target", url, "-k", READS, "--concurrency", "1", "--run-out", str(out))
    groups = failure_groups(parse(out.read_bytes(), name=out.name).checks)
    texts = [group.text for group in groups]
    assert any(cause in text for text in texts), texts
    assert not any("changes nothing" in text for text in texts), texts
    assert late or len(groups) == 1, texts


@pytest.mark.parametrize(
    ("status", "media", "body", "foreign"),
    [
        (403, "text/html", b"<html>", "403 with text/html"),
        (404, "text/plain", b"404 page not found", "404 with text/plain"),
        (502, "", b"", "502 with no Content-Type"),
        (503, "text/html", b"<html>", "503 with text/html"),
        (403, "", b"", ""),
        (500, "text/html", b"<html>", ""),
        (403, "application/problem+json", b"{}", ""),
        (403, "text/plain", b'{"code": "FORBIDDEN"}', ""),
        (200, "text/html", b"<html>", ""),
    ],
)
def test_an_error_of_unknown_maker_is_one_in_a_form_that_the_document_has_nowhere(
    status: int, media: str, body: bytes, foreign: str
) -> None:
    def got(judge: AnswerJudge) -> str:
        headers = {"content-type": media} if media else {}
        request = HttpRequest(method="GET", url="http://h/content/items")
        return judge.foreign_form(
            Exchange(operation="", request=request, status=status, headers=headers, body=body, sent=0, done=0)
        )

    assert got(AnswerJudge(load(), ("",), direct=False)) == foreign
    assert not got(AnswerJudge(load(), ("",)))


@pytest.mark.parametrize("raw", [True, False])
def test_what_comes_after_a_refused_handshake_is_no_frame(raw: bool) -> None:
    """A gateway answers a frame with `HTTP/1.1 400`, which was read as a close frame with code 21584."""
    with serving(lambda _: page(502)) as url:
        target = TargetClient(settings({"target": url}, {}), load(), url, embedded=False)

        def asked() -> None:
            if not raw:
                RecordingSocket(target, AccountSession("t", "r", "u", (), opened=0.0, life=9.0))
                return
            with closing(RawSocket(target, upgrade(), "?token=t")) as made:
                made.frame(1, b"{}")
                made.outcome()

        with pytest.raises(ContractViolation, match=r"got 502 with text/html \(Server: Gate/2.4\)"):
            asked()


@pytest.mark.parametrize(("place", "found"), [("", True), ("/", True), ("/_control", True), ("/api", False)])
def test_a_control_interface_behind_no_gateway_is_named_by_its_server_too(place: str, found: bool) -> None:
    """`--control URL of the server` is what a reason asks for, and it had to end with /_control."""
    with (
        embedded_server() as server,
        gate(server.url, lambda each: page(404) if each.path.startswith("/_control") else None) as url,
    ):
        chosen = settings({"target": url, "control": f"{server.url}{place}"}, {})
        target = TargetClient(chosen, load(), url, embedded=False)
        assert (find(target, Accounts(target)) is not None) is found


@pytest.mark.parametrize(("last", "told"), [(0, " after 5 s without a message"), (4, "")])
def test_the_end_of_an_idle_socket_is_told_with_its_time(last: int, told: str) -> None:
    """A gateway that cuts what is idle for five seconds was told as an event that is missing."""
    made: Any = object.__new__(RecordingSocket)
    made.messages = [ReceivedMessage("heartbeat", {}, last * 10**9)]
    made.opened_at, made.closed_at, made.code = 0, 5 * 10**9, 1006
    made._connection = SimpleNamespace(protocol=SimpleNamespace(close_sent=None))
    made._news = threading.Condition()
    with pytest.raises(ContractViolation) as raised:
        made.await_("content_updated")
    assert raised.value.got == f"['heartbeat'] and the socket closed with 1006{told}"
