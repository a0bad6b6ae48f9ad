"""The first request of each command: whom it trusts, and what it says, with which exit code, where it cannot begin. The same in all."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from contracts.command.exit_code import ExitCode
from contracts.network.tls import LOUD, TlsTrust
from reports.bounded_http import HttpBounds
from reports.gate import target_probe
from tests.fork_server import ROOT, command
from tests.hostile.behaviours import BEHAVIOURS
from tests.hostile.entry_points import ENTRY_POINTS, ENVIRONMENT
from tests.hostile.honest import honest_server
from tests.hostile.hostile_server import certificate, serving
from tests.hostile.tls_server import TestAuthority, authority, tls_server

MODULES = {"locust": "locust", "st": "schemathesis.cli"}
"""What a program of that name runs."""
ALL = os.environ.get("TCHAT_HOSTILE") == "all"
"""Else a sample of what takes a while: each entry point, and each kind of silence."""
BY_NAME = {behaviour.name: behaviour for behaviour in BEHAVIOURS}
COMMANDS = [name for name in ENTRY_POINTS if name not in ("suite.realtime", "locust.realtime")]
WITH_OPTIONS = [name for name in COMMANDS if name != "st"]
"""Schemathesis' own command line takes no options of ours: there the variables say whom to trust."""
UNTRUSTED = re.compile(
    r"https://127\.0\.0\.1:\d+(/\S*)? is not trusted: certificate verify failed: unable to get local issuer certificate; "
    r"name its authority with --cacert FILE, or look away with --insecure"
)


@pytest.fixture(scope="module")
def upstream() -> Iterator[tuple[str, int]]:
    with honest_server() as address:
        yield address


@pytest.fixture(scope="module")
def documents() -> Iterator[tuple[str, int]]:
    """What `diff` is pointed at: a server of files."""

    class Files(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Files, directory=str(ROOT))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield "127.0.0.1", server.server_port
        server.shutdown()


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> TestAuthority:
    return authority(tmp_path_factory.mktemp("tls"))


Secure = Callable[[str], str]


@pytest.fixture(scope="module")
def secure(
    upstream: tuple[str, int], documents: tuple[str, int], certificates: TestAuthority
) -> Iterator[Secure]:
    """Entry point -> the URL of a server that it can work with, over TLS."""
    with tls_server(upstream, certificates) as api, tls_server(documents, certificates) as files:
        yield lambda entry: files if entry == "diff" else api


def told(entry: str, url: str, out: Path, *options: str, **environment: str) -> tuple[int, str]:
    """Exit code, and what was said, on one line."""
    argv = ENTRY_POINTS[entry](url, out)
    program, *words = argv[2:] if argv[1] == "-m" else [MODULES[Path(argv[0]).name], *argv[1:]]
    if entry.startswith("suite"):
        words += ["-k", "reaches and logout"]
    more = {**ENVIRONMENT.get(entry, {}), **environment, "NO_COLOR": "1"}
    done = command(program, *words, *options, environment={**os.environ, **more}).completed()
    return done.returncode, " ".join((done.stdout + done.stderr).split())


@pytest.mark.parametrize("entry", COMMANDS)
def test_a_certificate_of_an_authority_that_is_not_ours_is_refused_in_the_same_words(
    entry: str, secure: Secure, tmp_path: Path
) -> None:
    code, said = told(entry, secure(entry), tmp_path)
    assert (code, bool(UNTRUSTED.search(said))) == (ExitCode.UNREACHABLE, True), said


@pytest.mark.parametrize("entry", [name for name in COMMANDS if name not in ("gate", "st")])
def test_with_its_authority_it_is_trusted(
    entry: str, secure: Secure, certificates: TestAuthority, tmp_path: Path
) -> None:
    code, said = told(entry, secure(entry), tmp_path, "--cacert", str(certificates.cacert))
    # A machine that is too busy may make a FAIL of the speed.
    assert code in (ExitCode.PASS, ExitCode.UNKNOWN, ExitCode.FAIL) and "trusted" not in said, said


def test_the_variables_say_the_same_to_schemathesis(
    secure: Secure, certificates: TestAuthority, tmp_path: Path
) -> None:
    code, said = told(
        "st",
        secure("st"),
        tmp_path,
        "--include-operation-id",
        "getContentItem",
        TCHAT_CACERT=str(certificates.cacert),
    )
    assert code == ExitCode.PASS, said


def test_the_gate_trusts_whom_it_was_told_and_shows_its_own_certificate(
    upstream: tuple[str, int], certificates: TestAuthority
) -> None:
    ours = TlsTrust(cacert=str(certificates.cacert), client_cert=str(certificates.client))
    with tls_server(upstream, certificates, asks_client=True) as url:
        assert not target_probe.probe(url, HttpBounds(trust=ours)).silent
        silent = target_probe.probe(url, HttpBounds(trust=TlsTrust(cacert=str(certificates.cacert))))
        assert "certificate required" in (silent.silent + silent.broken).lower()


@pytest.mark.parametrize("entry", ["diff", "load.client", "suite"])
def test_a_certificate_of_our_own_is_shown_to_a_server_that_asks_for_it(
    entry: str,
    upstream: tuple[str, int],
    documents: tuple[str, int],
    certificates: TestAuthority,
    tmp_path: Path,
) -> None:
    behind = documents if entry == "diff" else upstream
    with tls_server(behind, certificates, asks_client=True) as url:
        words = ("--cacert", str(certificates.cacert), "--client-cert", str(certificates.client))
        code, said = told(entry, url, tmp_path, *words)
    assert code == ExitCode.PASS, said


@pytest.mark.parametrize("entry", [name for name in WITH_OPTIONS if name != "gate"])
def test_looking_away_is_told_loudly(entry: str, secure: Secure, tmp_path: Path) -> None:
    code, said = told(entry, secure(entry), tmp_path, "--insecure")
    assert code in (ExitCode.PASS, ExitCode.UNKNOWN) and said.count(LOUD) == 1, said


@pytest.mark.parametrize("entry", WITH_OPTIONS)
def test_a_file_that_is_no_certificate_is_the_callers_mistake(
    entry: str, secure: Secure, tmp_path: Path
) -> None:
    code, said = told(entry, secure(entry), tmp_path, "--cacert", str(Path(__file__)))
    assert code == ExitCode.USAGE and "--cacert" in said and "a PEM file is needed" in said, said


SILENT = ["accepts and says nothing", "handshake that never ends", "handshake that drips"]
WAITING = [
    (entry, name) for at, entry in enumerate(COMMANDS) for name in (SILENT if ALL else SILENT[at % 3 :][:1])
]


@pytest.mark.parametrize(("entry", "name"), WAITING)
def test_a_target_that_accepts_and_says_nothing_is_unreachable(
    entry: str, name: str, upstream: tuple[str, int], tmp_path: Path
) -> None:
    with serving(BY_NAME[name], upstream, certificate(tmp_path)) as url:
        code, said = told(entry, url, tmp_path)
    # Ten seconds in all, of which a command has half to start.
    waited = re.search(r"does not answer: no .* within (\d+) s", said)
    assert code == ExitCode.UNREACHABLE and waited is not None and int(waited[1]) <= 5, said


WRONG = [
    pytest.param("http://127.0.0.1:99999", ExitCode.USAGE, "is not an http(s) URL", id="no port"),
    pytest.param("http://127.0.0.1:abc", ExitCode.USAGE, "is not an http(s) URL", id="a word for a port"),
    pytest.param("http://me:secret@127.0.0.1:1", ExitCode.USAGE, "takes no credentials", id="credentials"),
    pytest.param("http://127.0.0.1:1", ExitCode.UNREACHABLE, "does not answer: Connection refused", id="nobody there"),
]  # fmt: skip


@pytest.mark.parametrize(("url", "code", "words"), WRONG)
@pytest.mark.parametrize("entry", [name for name in COMMANDS if name not in ("st", "diff")])
def test_a_target_that_is_none(entry: str, url: str, code: ExitCode, words: str, tmp_path: Path) -> None:
    found, said = told(entry, url, tmp_path)
    assert (found, words in said, "secret" in said) == (code, True, False), said


@pytest.mark.parametrize("entry", ["suite", "gate", "locust", "load.realtime", "load.client"])
def test_a_wrong_path_is_nobodys_known_mistake(entry: str, upstream: tuple[str, int], tmp_path: Path) -> None:
    code, said = told(entry, "http://{}:{}/nowhere".format(*upstream), tmp_path)
    assert code == ExitCode.UNKNOWN and "404" in said and "answers, but not as this API" in said, said
