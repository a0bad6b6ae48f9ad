"""One broken thing at a time: how many checks fail, in how many causes the suite tells it, and the first of them.

A target with one thing wrong should be one line. Each row must name its cause first and need at most three.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from contracts.run import parse
from contracts.run.failure_groups import failure_groups
from contracts.suite.world.embedded_server import EmbeddedServer
from tests.suite.mutating_proxy import Passing, Spoil, mutating
from tests.suite_command import run_suite

MOST = 3
"""Causes that one broken thing may be told in."""


@dataclass(frozen=True, slots=True)
class Cascade:
    """A rate limit that says how long to wait is waited for, and turns nothing red. `server` are options of the reference server; `spoil` makes a proxy's deviation, fresh for each run; `words` must stand in the first
    cause."""

    name: str
    words: str
    server: Sequence[str] = ()
    spoil: Callable[[], Spoil] | None = None
    select: Sequence[str] = ()
    """Of pytest: a proxy of ours hands no sockets on."""


@dataclass(frozen=True, slots=True)
class CascadeResult:
    cascade: str
    reds: int
    causes: int
    first: str
    named: bool

    @property
    def good(self) -> bool:
        return self.named and self.causes <= MOST


def one_session_an_account() -> Spoil:
    """A login ends every session that the account had before."""
    owners: dict[str, str] = {}
    live: dict[str, str] = {}

    def spoil(passing: Passing) -> Passing:
        if passing.path.endswith("/auth/login") and passing.status == 200:
            email = str(json.loads(passing.sent).get("email", "")).lower()
            token = str(passing.json["tokens"]["accessToken"])
            owners[token], live[email] = email, token
            return passing
        sent = next((v for k, v in passing.request_headers.items() if k.lower() == "authorization"), "")
        owner = owners.get(sent.removeprefix("Bearer "))
        if owner is None or live[owner] == sent.removeprefix("Bearer "):
            return passing
        problem = {
            "type": "tag:tchat.com,2026:token-revoked", "title": "Unauthorized", "status": 401, "detail": "The session has ended.",
            "code": "TOKEN_REVOKED", "message": "The session has ended.", "requestId": "r-1",
        }  # fmt: skip
        kept = {
            k: v
            for k, v in passing.headers.items()
            if k.lower() not in ("content-type", "cache-control", "etag", "location")
        }
        headers = {"Content-Type": "application/problem+json", "WWW-Authenticate": 'Bearer realm="tchat", error="invalid_token"', "Cache-Control": "no-store"}  # fmt: skip
        return Passing(
            passing.method, passing.path, passing.sent, 401, {**kept, **headers}, json.dumps(problem).encode(), passing.send
        )  # fmt: skip

    return spoil


CASCADES = (
    Cascade("publish answers 500", "publishContent answers 500", ("--fault", "error-500:rate=1,operation=publishContent")),
    Cascade("errors have another shape", "in another shape than documented", ("--fault", "problem-nested")),
    Cascade("one session an account", "refuses the token of a session that is still alive", (), one_session_an_account, ("-m", "not realtime")),
    Cascade("the rate is limited", "", ("--rate-limit", "100")),
    Cascade("archive does nothing", "archiveContent answers success and changes nothing", ("--fault", "za-08-delete-nothing")),
)  # fmt: skip


def run(cascade: Cascade, options: Sequence[str] = ()) -> CascadeResult:
    """The whole suite, or what `options` of pytest select, against the one broken thing."""
    server = EmbeddedServer(1, cascade.server)
    try:
        if cascade.spoil is None:
            return _told(cascade, server.url, options)
        with mutating(server.url, cascade.spoil()) as url:
            return _told(cascade, url, options)
    finally:
        server.stop()


def _told(cascade: Cascade, url: str, options: Sequence[str]) -> CascadeResult:
    with TemporaryDirectory() as folder:
        out = Path(folder) / "run.json"
        run_suite("--target", url, "--run-out", str(out), *(options or cascade.select))
        run = parse(out.read_bytes(), name=str(out))
    groups = failure_groups(run.checks)
    first = groups[0].text if groups else (run.verdicts[0].reason if run.verdicts else "")
    reds = sum(1 for check in run.checks if check.grade == "FAIL")
    return CascadeResult(cascade.name, reds, len(groups), first, cascade.words in first)


def table(results: Sequence[CascadeResult]) -> str:
    rows = ["| broken | reds | causes | the first |", "| --- | --- | --- | --- |"]
    rows += [
        f"| {r.cascade} | {r.reds} | {r.causes}{'' if r.good else ' (!)'} | {r.first} |" for r in results
    ]
    return "\n".join(rows)
