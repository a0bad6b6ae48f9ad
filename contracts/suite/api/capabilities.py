"""The capabilities of the target, each probed once when a check first needs it, with the reason if it is missing."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from contracts.dialect.token_lives import token_lives
from contracts.network.http_fields import list_members
from contracts.suite.client.http_exchange import HttpAnswer, HttpRequest
from contracts.suite.realtime.raw_socket import opens, transparent
from contracts.suite.world.accounts import Accounts
from contracts.suite.world.control import find
from contracts.suite.world.embedded_server import ORIGIN
from contracts.suite.world.suite_settings import DEMO, DEMO_PASSWORD, Account
from contracts.suite.world.target_client import WRITES_REFUSED, TargetClient

NEEDS: Mapping[str, str] = {
    "write": WRITES_REFUSED,
    "publish": "the account may not publish or archive",
    "editor": "there is no account without publish and archive (--editor EMAIL:PASSWORD, or TCHAT_EDITOR)",
    "viewer": "there is no account that may only read (--viewer EMAIL:PASSWORD, or TCHAT_VIEWER)",
    "ingest": "there is no account that may not read content (--ingest EMAIL:PASSWORD, or TCHAT_INGEST)",
    "stranger": "there is no account of another workspace (--stranger EMAIL:PASSWORD, or TCHAT_STRANGER)",
    "spare": "there is no account that wrong passwords may lock (--spare EMAIL:PASSWORD, or TCHAT_SPARE)",
    "origin": "no origin of the web client is named (--origin ORIGIN, or TCHAT_ORIGIN; x-dialect: {origins: false} where none is let in)",
    "channel": "the target has no realtime channel (--ws-path off, or x-dialect of its document)",
    "realtime": "the realtime channel does not open with a good token in the query, or answers no ping then (realtime.handshake tells which)",
    "frames": "a proxy may stand before the server and rewrite frames (--control URL of the server shows that none does)",
    "expiry": "no token expires within this run",
    "control": "the target has no control interface (/_control)",
    "alone": "the server's clock is shared with other test processes",
}
"""Capability that a check may need -> reason if the target does not have it."""

NO_CHANNEL = "the document says that the target has no realtime channel (x-dialect)"
DENIED: Mapping[str, tuple[str, str]] = {
    "channel": ("channel", NO_CHANNEL),
    "realtime": ("channel", NO_CHANNEL),
    "origin": ("origins", "the document says that no page of another origin is let in (x-dialect)"),
}
"""Capability -> the key of `x-dialect` that denies it where it is false, and the reason then."""

TOLD_BY: Mapping[str, str] = {"realtime.handshake": "realtime"}
"""Check that tells why a target lacks a capability -> the capability."""

LACKED: Mapping[str, frozenset[str]] = {
    "editor": frozenset({"content:publish", "content:archive"}),
    "viewer": frozenset({"content:write", "content:publish", "content:archive"}),
    "ingest": frozenset({"content:read"}),
}
"""Role of an account -> permissions that it must not have."""
LEAST_PATIENCE, BUDGET_PARTS = 30.0, 10
DEVELOPMENT = ("http://localhost:3000", "http://localhost:5173")
"""The usual origins of a web client under development."""


class Capabilities:
    """The capabilities of a target. At first this process is the only one that uses the target."""

    def __init__(self, target: TargetClient, accounts: Accounts) -> None:
        self._target = target
        self._alone = True
        self._accounts = accounts
        self.origin = target.settings.origin or (ORIGIN if target.embedded else "")
        """The origin of the web client's pages; empty if unknown, or before `has("origin")`."""
        self._missing: dict[str, str] = {}
        self._probes: Mapping[str, Callable[[], bool]] = {
            "write": lambda: target.settings.writes and self._may("content:write"),
            "publish": lambda: self._may("content:publish", "content:archive"),
            # The accounts of the mock server belong to the run, which undoes a lock.
            "spare": lambda: (
                accounts.can_log_in("spare")
                if "spare" in target.settings.accounts
                else target.embedded or self.has("control")
            ),
            "alone": lambda: self._alone or target.embedded,
            "expiry": lambda: self.has("alone") if self.has("control") else self._life() <= self._patience,
            "origin": self._knows_origin,
            "channel": lambda: bool(target.settings.channel.path) and self._looks_for_the_channel(),
            "realtime": lambda: opens(target, accounts.session("owner")),
            "frames": self._hands_frames_on,
            "control": lambda: find(target, accounts) is not None,
            "stranger": partial(accounts.can_log_in, "stranger"),
            **{role: partial(self._lacks, role, lacked) for role, lacked in LACKED.items()},
        }

    def has(self, need: str) -> bool:
        return not self.missing(need)

    def missing(self, need: str) -> str:
        """The reason why the target lacks a capability; empty if it has it."""
        if need == "realtime" and self.missing("channel"):
            return self.missing("channel")
        if need not in self._missing:
            self._missing[need] = "" if self._probes[need]() else self._why(need)
        return self._missing[need]

    def denied(self, need: str) -> str:
        """The reason why the target's document says that it lacks a capability by intent; empty if it does not say so."""
        word, reason = DENIED.get(need, ("", ""))
        return reason if word and self._target.spec.document.get("x-dialect", {}).get(word) is False else ""

    def _life(self) -> float:
        """The seconds for which an access token is taken."""
        return self._accounts.session("owner").life + token_lives(self._target.spec).leeway

    def _why(self, need: str) -> str:
        """The reason for a missing capability, by the options: an account that somebody named is not reported as if nobody had."""
        settings = self._target.settings
        account = settings.accounts.get(need)
        if need == "write" and settings.writes:
            return "the account may not write"
        if need == "control" and settings.control:
            off = settings.control == "off"
            return (
                "the control interface is switched off (--control off)"
                if off
                else f"no control interface answers at {settings.control} (--control)"
            )
        if need == "expiry" and self.has("control"):
            return NEEDS["alone"]
        if need == "expiry":
            life, patience = self._life(), self._patience
            waits = (
                f"a check waits for {patience:g} s at most (--budget {life * BUDGET_PARTS:.0f}s lets it wait)"
            )
            return f"access tokens live {life:g} s, {waits}, and {self.missing('control')}"
        if account is not None and account != Account(DEMO.get(need, ""), DEMO_PASSWORD):
            return (
                f"{account.email}, the account of --{need}, has more permissions than it should"
                if self._accounts.can_log_in(need)
                else f"the target refuses to log in {account.email}, the account of --{need}"
            )
        return NEEDS[need]

    def _may(self, *permissions: str) -> bool:
        """Whether the account has these permissions of ours. Where the document does not say which permission an operation needs, or
        a login which it has, requests tell."""
        stated = self._accounts.stated_permissions("owner")
        if stated is not None:
            return stated.issuperset(permissions)
        made = self._try("createContentItem", body={"title": "may this account write?"})
        if made.status == 403 or "content:write" in permissions:
            return made.status != 403
        path = {"id": str(made.member("data", "id"))}
        return all(
            self._try(one, path=path, body={}).status != 403 for one in ("publishContent", "archiveContent")
        )

    def _try(self, operation: str, **parts: Any) -> HttpAnswer:
        return self._target.call(operation, token=self._accounts.session("owner").access, **parts)

    def _lacks(self, role: str, permissions: frozenset[str]) -> bool:
        """Whether an account can log in and has none of these permissions, as far as the document tells."""
        return self._accounts.can_log_in(role) and not permissions & (
            self._accounts.stated_permissions(role) or frozenset()
        )

    def be_alone(self, alone: bool) -> None:
        """Set whether this is the only process of the run that uses the target."""
        self._alone = alone
        for need in ("alone", "expiry"):
            self._missing.pop(need, None)

    @property
    def _patience(self) -> float:
        """The seconds that one check may wait for a token to expire."""
        return max(LEAST_PATIENCE, (self._target.settings.budget or 0) / BUDGET_PARTS)

    def known(self, need: str) -> bool | None:
        """Whether the target has a capability; None if it was not probed."""
        return None if need not in self._missing else not self._missing[need]

    def _hands_frames_on(self) -> bool:
        if self._target.direct:
            return True
        control = find(self._target, self._accounts) if self.has("alone") else None
        return transparent(self._target, self._accounts.session("owner"), control)

    def _looks_for_the_channel(self) -> bool:
        """Find the channel of a target with another document, which does not name its place: below the API's base path, else below the
        root of the host, as for an API under /api whose channel is /ws."""
        target, session = self._target, self._accounts.session("owner")
        if target.dialect is not None and target.base != target.host and not opens(target, session):
            target.channel_base = target.host
            if not opens(target, session):
                target.channel_base = target.base
        return True

    def _knows_origin(self) -> bool:
        self.origin = self.origin or self._let_in()
        return bool(self.origin)

    def _let_in(self) -> str:
        """A usual origin that the target allows with credentials, rightly or not. As with accounts, only a target on this machine is
        probed."""
        target = self._target
        bearer = f"Bearer {self._accounts.session('owner').access}"
        for origin in (ORIGIN, *DEVELOPMENT) if target.local else ():
            fields = {"Origin": origin, "Authorization": bearer}
            request = HttpRequest(method="GET", url=f"{target.base}/content/items", headers=fields)
            answer = target.send(request)
            # A gateway may name the origin once more, which no browser takes; then it is meant all the same.
            allowed = list_members(answer.headers.get("access-control-allow-origin"))
            if origin in allowed or ("*" in allowed and "access-control-allow-credentials" in answer.headers):
                return origin
        return ""
