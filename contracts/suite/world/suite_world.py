"""One process's view of the target: its URL, its accounts' sessions, what it can do, and the recorder.

Capabilities are discovered by asking, once, when a check first needs one. What is missing has a reason in words.
"""

from __future__ import annotations

import contextlib
import os
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from contracts.spec import Spec
from contracts.suite.client.http_exchange import HttpAnswer, HttpRequest
from contracts.suite.client.transport import Connection
from contracts.suite.contract_violation import ContractViolation, Unreachable
from contracts.suite.judging.answer_judgement import AnswerJudge
from contracts.suite.judging.recorder import Recorder
from contracts.suite.plugin.registry import NEEDS
from contracts.suite.world.embedded_server import ORIGIN, EmbeddedServer
from contracts.suite.world.suite_settings import Settings, is_loopback

DEVELOPMENT = ("http://localhost:3000", "http://localhost:5173")
"""Where a web client under development is served from."""
RENEW = 0.6
"""A cached session is renewed after this share of its access token's life."""


@dataclass(slots=True)
class AccountSession:
    """One login. `user` and `permissions` as the login told them."""

    access: str
    refresh: str
    user: str
    permissions: tuple[str, ...]
    until: float


class World:
    """Made once a process; `close` archives what was made and ends the embedded server."""

    def __init__(
        self,
        settings: Settings,
        spec: Spec,
        *,
        worker: str = "",
        alone: bool = True,
        histories: str | None = None,
    ) -> None:
        self.settings = settings
        self.histories = histories
        """Folder for the histories of races, or None."""
        self.spec = spec
        self.alone = alone
        self._embedded: EmbeddedServer | None = None
        host = settings.host
        if not host:
            self._embedded = EmbeddedServer(settings.seed, settings.embedded)
            host = self._embedded.url
        self.host = host
        self._log_from = os.path.getsize(settings.server_log) if settings.server_log else 0
        self.base = f"{host}{settings.prefix}"
        self.embedded = self._embedded is not None
        self.origin = settings.origin or (ORIGIN if self.embedded else "")
        """Of the web client's pages; empty where nobody says, or before it is sought (`has("origin")`)."""
        # Granian judges a handshake itself, before the application is asked.
        self.direct = self.embedded and "granian" not in settings.embedded
        """Nobody stands between, so what belongs to one connection only (RFC 9110, 7.6.1) is the server's own."""
        self.local = self.embedded or is_loopback(urlsplit(host).hostname or "")
        bases = tuple(dict.fromkeys((settings.prefix, *(spec.prefixes if self._mounted() else ()))))
        self.recorder = Recorder(spec, AnswerJudge(spec, bases, direct=self.embedded))
        for account in settings.accounts.values():
            self.recorder.secrets.learn_password(account.password)
        # Names must be new in a workspace that outlives the run, and the same again in one that does not.
        nonce = f"{settings.seed}" if self.embedded else f"{time.time_ns() % 10**12:x}"
        self.nonce = f"{nonce}{worker}"
        self.connection = Connection(self.host)
        self._sessions: dict[str, AccountSession] = {}
        self._missing: dict[str, str] = {}
        self._words = 0
        self.races: list[Any] = []
        """Of the running test, in the order of their beginning (contracts.suite.programs.race.Race)."""
        self.moved = False
        """Somebody moved the server's clock: cached sessions may be over."""

    def _mounted(self) -> bool:
        return self.settings.prefix in self.spec.prefixes

    def word(self) -> str:
        """A word that stands in nothing else, for titles and searches."""
        self._words += 1
        return f"zq{self.nonce}x{self._words:05d}"

    def rng(self, slug: str) -> random.Random:
        return random.Random(f"{self.settings.seed}:{slug}")

    def has(self, role: str) -> bool:
        return not self.missing(role)

    def missing(self, need: str) -> str:
        """Empty where the target offers it, else the reason in words."""
        if need not in self._missing:
            self._missing[need] = "" if self._offers(need) else NEEDS[need]
        return self._missing[need]

    def known(self, need: str) -> bool | None:
        """What has been found out so far; None where nobody asked."""
        return None if need not in self._missing else not self._missing[need]

    def declare(self, need: str, offered: bool) -> None:
        """What a probe outside this module (the realtime channel, the control interface) has found."""
        self._missing[need] = "" if offered else NEEDS[need]

    def _offers(self, need: str) -> bool:
        if need == "write":
            return self.settings.writes and "content:write" in self.session("owner").permissions
        if need == "publish":
            return {"content:publish", "content:archive"} <= set(self.session("owner").permissions)
        if need == "alone":
            return self.alone or self.embedded
        if need in ("editor", "viewer", "ingest", "stranger"):
            return need in self.settings.accounts and self._logs_in(need)
        if need == "origin":
            self.origin = self.origin or self._let_in()
            return bool(self.origin)
        if need == "realtime":
            from contracts.suite.realtime.recording_socket import answers

            return answers(self)
        if need == "frames":
            from contracts.suite.realtime.raw_socket import transparent

            return self.direct or transparent(self)
        if need == "control":
            from contracts.suite.world.control import find

            return find(self) is not None
        return False

    def _let_in(self) -> str:
        """A usual origin that the target lets in with credentials, rightly or not. As with accounts, only this machine is asked for what nobody named."""
        bearer = f"Bearer {self.session('owner').access}"
        for origin in (ORIGIN, *DEVELOPMENT) if self.local else ():
            fields = {"Origin": origin, "Authorization": bearer}
            answer = self.send(HttpRequest(method="GET", url=f"{self.base}/content/items", headers=fields))
            told = answer.headers.get("access-control-allow-origin")
            if told == origin or (told == "*" and "access-control-allow-credentials" in answer.headers):
                return origin
        return ""

    def _logs_in(self, role: str) -> bool:
        try:
            self.session(role)
        except ContractViolation:
            return False
        return True

    def session(self, role: str) -> AccountSession:
        """The cached session of an account; logs in where there is none, or where it grows old."""
        cached = self._sessions.get(role)
        if cached is None or time.monotonic() > cached.until:
            cached = self._sessions[role] = self.login(role)
        return cached

    def forget_sessions(self) -> None:
        """After the clock has moved or sessions were revoked."""
        self._sessions.clear()

    def login(self, role: str, **device: str) -> AccountSession:
        """A session of its own."""
        account = self.settings.accounts[role]
        body = {"email": account.email, "password": account.password, **device}
        answer = self.call("login", body=body, token=None)
        if answer.status != 200:
            where = f"{account.email} on {self.base}"
            raise ContractViolation(f"login of {where} = 200", answer.told(), [answer.exchange])
        tokens = answer.member("tokens")
        life = float(tokens.get("expiresIn", 60))
        return AccountSession(
            access=tokens["accessToken"],
            refresh=tokens["refreshToken"],
            user=answer.member("user", "id"),
            permissions=tuple(answer.member("permissions")),
            until=time.monotonic() + RENEW * life,
        )

    def call(
        self,
        operation_id: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Any = None,
        body: Any = ...,
        headers: Mapping[str, str] | None = None,
        token: str | None = None,
        prefix: str | None = None,
        connection: Connection | None = None,
    ) -> HttpAnswer:
        """One documented operation; see `contracts.suite.client.request_builder.build` for the parts."""
        from contracts.suite.client.request_builder import build

        base = self.base if prefix is None else f"{self.host}{prefix}"
        request = build(self.spec[operation_id], base, path, query, body, headers, token)
        return self.send(request, operation_id, connection)

    def send(
        self, request: HttpRequest, operation: str = "", connection: Connection | None = None
    ) -> HttpAnswer:
        exchange = (connection or self.connection).send(request, operation)
        self.recorder.record(exchange)
        return HttpAnswer(exchange)

    def log(self) -> str | None:
        """What the server has written since this process looks; None where its log cannot be read here."""
        if self._embedded:
            return self._embedded.said()
        if not self.settings.server_log:
            return None
        written = Path(self.settings.server_log).read_bytes()
        # A log that has become shorter was begun anew.
        return written[self._log_from if self._log_from <= len(written) else 0 :].decode("utf-8", "replace")

    def close(self) -> None:
        if not self.embedded:
            with contextlib.suppress(ContractViolation, Unreachable, KeyError):
                self._archive_all()
        self.connection.close()
        if self._embedded is not None:
            self._embedded.stop()

    def _archive_all(self) -> None:
        """Everything created is archived again, 100 a request, each in its own workspace."""
        for role in ("owner", "stranger"):
            ids = [i for i in self.recorder.created if role == "owner" or self.has("stranger")]
            if not ids or (role == "stranger" and not self.has("stranger")):
                continue
            session = self.login(role)
            for start in range(0, len(ids), 100):
                operations = [{"type": "archive", "id": i} for i in ids[start : start + 100]]
                self.call("bulkUpdateContent", body={"operations": operations}, token=session.access)
            self.call("logout", token=session.access)
