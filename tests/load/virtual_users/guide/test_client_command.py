"""The real thing: `python -m load.client` against the reference server, as a user runs it."""

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from contracts.run import Run, parse
from contracts.spec import load
from load.http.target import parse as parse_target
from load.virtual_users.drivers.server_adapter import aimed, encoded
from load.virtual_users.guide.exchange import ClientRequest
from load.virtual_users.guide.persona import make
from tests.fork_server import command, reference_server

ROOT = Path(__file__).resolve().parents[4]


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with reference_server("--items", "30", "--control") as made:
        yield made.url


def client(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return command("load.client", *words, environment={**os.environ, **environment}).completed()


@pytest.fixture(scope="module")
def run(server: str, tmp_path_factory: pytest.TempPathFactory) -> Run:
    path = tmp_path_factory.mktemp("client") / "run.json"
    done = client("--host", server, "--run-out", str(path))
    assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
    return parse(path.read_bytes(), name=path.name)


def test_every_finding_shows_on_the_reference_server(run: Run) -> None:
    numbers = {finding.id: finding.number for finding in run.findings}
    assert list(numbers) == ["CF-3", "CF-4", "CF-5", "CF-6", "CF-7", "CF-12", "CF-13", "CF-14", "CF-16"]
    assert (
        numbers["CF-3"] == "4 items from 1 create" and numbers["CF-6"] == "6 of 6 mutations, 18 stale answers"
    )
    assert "looks expired to none of them" in next(v.reason for v in run.verdicts if v.subject == "CF-5")


def test_all_sessions_pass_and_say_what_an_expiry_costs(run: Run) -> None:
    told = {v.subject: v.reason for v in run.verdicts if v.check == "client.session"}
    assert len(told) == 6 and run.grade.name == "PASS"
    expiry = {
        name: int(re.search(r"refreshes at expiry: (\d)", reason)[1])  # type: ignore[index]
        for name, reason in told.items()
    }
    assert expiry["ios / guide-exact"] == expiry["android / guide-exact"] == 3
    # The others refresh once, and again for an answer that comes when the first refresh is over: on a busy machine one may.
    # `test_experiments` has the exact numbers, in virtual time.
    assert all(1 <= refreshes <= 3 for refreshes in expiry.values()) and len(expiry) == 6


def test_the_channel_is_where_the_document_of_the_target_says(tmp_path: Path) -> None:
    overlay = tmp_path / "overlay.yaml"
    overlay.write_text(
        "overlay: 1.0.0\ninfo: {title: elsewhere, version: '1'}\nactions:\n"
        "  - {target: $, update: {x-dialect: {channel: {path: /live, token: jwt}}}}\n"
    )
    out = tmp_path / "run.json"
    with reference_server("--items", "30", "--overlay", str(overlay)) as made:
        words = ["--no-findings", "--persona", "web", "--overlay", str(overlay), "--run-out", str(out)]
        done = client("--host", made.url, *words)
    found = {v.check: v for v in parse(out.read_bytes(), name=out.name).verdicts}
    assert found["client.channel"].grade == "PASS", done.stdout + done.stderr


@pytest.mark.parametrize(
    ("words", "code", "line"),
    [
        pytest.param((), 64, "no target", id="no host"),
        pytest.param(("--host", "ftp://x"), 64, "is not an http(s) URL", id="not a URL"),
        pytest.param(("--host", "http://h.example"), 64, "is not this machine", id="a stranger"),
        pytest.param(("--persona", "tv"), 64, "invalid choice", id="no such persona"),
        pytest.param(("--host", "http://127.0.0.1:1"), 69, "does not answer", id="nobody there"),
    ],
)
def test_mistakes_are_one_line(words: tuple[str, ...], code: int, line: str) -> None:
    done = client(*words)
    assert done.returncode == code and line in done.stderr and done.stderr.count("\n") == 1


def test_a_wrong_password_is_unknown_and_never_a_pass(server: str) -> None:
    done = client(
        "--host",
        server,
        "--persona",
        "web",
        "--no-findings",
        TCHAT_EMAIL="who@tchat.com",
        TCHAT_PASSWORD="hush-hush",
    )
    assert (
        done.returncode == 2
        and "Login failed: 401" in done.stdout
        and "hush-hush" not in done.stdout + done.stderr
    )


@pytest.mark.parametrize(
    ("url", "platform", "place"),
    [
        pytest.param("http://127.0.0.1:1", "web", "http://127.0.0.1:1/api", id="web under /api"),
        pytest.param("http://127.0.0.1:1", "ios", "http://127.0.0.1:1", id="mobile at the root"),
        pytest.param("http://127.0.0.1:1/v2", "ios", "http://127.0.0.1:1/v2", id="a path of the user's own"),
    ],
)
def test_where_a_persona_looks(url: str, platform: str, place: str) -> None:
    assert aimed(load(), parse_target(url, prefix="/api"), make(platform)).url == place  # type: ignore[arg-type]


def test_a_request_on_the_wire() -> None:
    target = parse_target("http://127.0.0.1:1", prefix="/api")
    query = {
        "platforms": ["web", "ios"],
        "includeDeleted": True,
        "lastSyncTimestamp": "2026-01-01T00:00:00+01:00",
    }
    text = encoded(load(), None, target, ClientRequest(operation="syncContent", query=query)).decode()
    assert text.startswith(
        "GET /api/content/sync?platforms=web%2Cios&includeDeleted=true&lastSyncTimestamp=2026-01-01T00%3A00%3A00%2B01%3A00 HTTP/1.1\r\n"
    )
    posted = encoded(
        load(), None, target, ClientRequest(operation="refreshTokens", headers={"authorization": "Bearer r"})
    ).decode()
    assert "content-length: 0\r\n" in posted and posted.endswith("\r\n\r\n")
