"""Login, refresh, logout and the validity of tokens, on the server's clock.

Tokens are labels (who drives the model keeps the texts); their claims come with the answer that issues them. Time is an
interval, the moments between which the server has answered, so that a test with a frozen clock is exact and one on a real
clock is never wrong: where the interval crosses a border, both answers are accepted, and the one that came is believed.

    >>> sessions, wrong = Sessions().login(at(0), "ada", None, Reply(401, "INVALID_CREDENTIALS"), right=False)
    >>> wrong
    ()

Source: openapi.yaml, "Sessions and permissions", `login`, `refreshTokens`; R6 to R8; RFC 9700, 4.14.2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from contracts.model.messages import Disagreement

ACCESS, IDLE, ABSOLUTE = 900, 24 * 3600, 30 * 24 * 3600
GRACE = 10
FAILURES, FAILURE_WINDOW = 5, 15 * 60
# A JWT's `exp` counts whole seconds, so a life may come out up to one second shorter.
ROUNDING = 1


class Moment(NamedTuple):
    """The server answered between these two times of its clock, in seconds."""

    earliest: float
    latest: float


def at(time: float) -> Moment:
    return Moment(time, time)


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """What an answer issued: labels of both tokens, their claims `sid` and `exp` (seconds), and `expiresIn`."""

    session: str
    access: str
    access_expires: float
    refresh: str
    refresh_expires: float
    expires_in: int = ACCESS


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. A `status` of 200 to 399, and any refusal but 401, means that the token was accepted."""

    status: int
    code: str = ""
    grant: Grant | None = None


@dataclass(frozen=True, slots=True)
class Session:
    """`ended` None: a lost answer may have ended it."""

    account: str
    device: str | None
    started: Moment
    ended: bool | None = False


@dataclass(frozen=True, slots=True)
class Token:
    session: str
    kind: str
    expires: float


@dataclass(frozen=True, slots=True)
class Retired:
    """A refresh token that was used, when, and for what; not `sure` where the answer was lost."""

    when: Moment
    successor: Grant | None
    sure: bool = True


Result = tuple["Sessions", tuple[Disagreement, ...]]


@dataclass(frozen=True, slots=True)
class Sessions:
    """A value: each method gives the sessions afterwards and what was wrong. A `reply` of None was lost.

    `grace` and `access_life` are the contract's, in seconds; a test server may have been told others.
    """

    sessions: Mapping[str, Session] = field(default_factory=dict)
    tokens: Mapping[str, Token] = field(default_factory=dict)
    retired: Mapping[str, Retired] = field(default_factory=dict)
    failures: Mapping[str, tuple[Moment, ...]] = field(default_factory=dict)
    grace: float = GRACE
    access_life: float = ACCESS

    def login(
        self, now: Moment, account: str, device: str | None, reply: Reply | None, *, right: bool
    ) -> Result:
        """`right` says whether the password is this account's; `account` stands for the address, folded."""
        recent = [f for f in self.failures.get(account, ()) if f.latest > now.earliest - FAILURE_WINDOW]
        surely = [f for f in recent if f.earliest > now.latest - FAILURE_WINDOW]
        allowed = {"LOGIN_THROTTLED"} if len(recent) >= FAILURES else set()
        if len(surely) < FAILURES:
            allowed.add("" if right else "INVALID_CREDENTIALS")
        if reply is None:
            return (self._device_taken(account, device, None) if right else self), ()
        if reply.code not in allowed:
            return self, (_refusal("login", allowed, reply),)
        if reply.code == "INVALID_CREDENTIALS":
            return replace(self, failures={**self.failures, account: (*recent, now)}), ()
        if reply.code or reply.grant is None:
            return self, _granted("login", reply)
        wrong = self._laws(now, reply.grant, Session(account, device, now))
        if reply.grant.session in self.sessions:
            wrong += (Disagreement("law: sessions are fresh", "a new session", reply.grant.session),)
        after = replace(self._device_taken(account, device, True), failures={**self.failures, account: ()})
        return after._issue(reply.grant, Session(account, device, now)), wrong

    def refresh(self, now: Moment, label: str | None, reply: Reply | None) -> Result:
        """Rotate: `label` names the refresh token sent (an access token's label is as wrong as an unknown one)."""
        allowed = self._allowed(now, label, "refresh")
        used = self.retired.get(label or "")
        if used is not None and allowed & {"", "TOKEN_EXPIRED"}:
            # A token both used and expired may be called either.
            allowed = (self._reuse(now, used) - ({""} - allowed)) | (allowed - {""})
        if reply is None:
            return self._maybe_rotated(now, label, allowed), ()
        if reply.code not in allowed:
            return self, (_refusal("refresh", allowed, reply),)
        assert label is not None or reply.code
        if reply.code == "REFRESH_REUSED":
            return self._end(self.tokens[label or ""].session, True), ()
        if reply.code or reply.grant is None:
            return self._believe(label, reply.code), _granted("refresh", reply)
        token = self.tokens[label or ""]
        if used is not None and used.successor is not None:
            if replace(reply.grant, expires_in=0) == replace(used.successor, expires_in=0):
                return self, ()
            return self, (
                Disagreement("law: one successor", str(used.successor.refresh), reply.grant.refresh),
            )
        session = self.sessions[token.session]
        wrong = self._laws(now, reply.grant, session)
        if reply.grant.session != token.session:
            wrong += (Disagreement("law: a refresh keeps its session", token.session, reply.grant.session),)
        when = now if used is None else Moment(used.when.earliest, now.latest)
        after = replace(self, retired={**self.retired, label or "": Retired(when, reply.grant)})
        return after._issue(reply.grant, session), wrong

    def logout(self, now: Moment, label: str | None, reply: Reply | None) -> Result:
        after, wrong = self.use(now, label, reply, "logout")
        token = self.tokens.get(label or "")
        if token is None or wrong or (reply is not None and reply.code):
            return after, wrong
        if reply is None:
            return after._end(token.session, None) if "" in self._allowed(now, label, "access") else after, ()
        return after._end(token.session, True), ()

    def use(self, now: Moment, label: str | None, reply: Reply | None, what: str = "use") -> Result:
        """Any call that takes an access token: verify, content, metrics, a socket's handshake."""
        if reply is None:
            return self, ()
        allowed = self._allowed(now, label, "access")
        code = reply.code if reply.status == 401 else ""
        if code not in allowed:
            return self, (_refusal(what, allowed, reply),)
        return self._believe(label, code), ()

    def _allowed(self, now: Moment, label: str | None, kind: str) -> set[str]:
        """The codes that may come back for a token; empty text for acceptance."""
        if label is None:
            return {"TOKEN_MISSING"}
        token = self.tokens.get(label)
        if token is None or token.kind != kind:
            return {"TOKEN_INVALID"}
        allowed = set()
        ended = self.sessions[token.session].ended
        if ended is not False:
            allowed.add("TOKEN_INVALID")
        if now.latest >= token.expires:
            allowed.add("TOKEN_EXPIRED")
        if ended is not True and now.earliest < token.expires:
            allowed.add("")
        return allowed

    def _reuse(self, now: Moment, used: Retired) -> set[str]:
        """A token already used: within the grace it is accepted, at its very border either, after it it is theft."""
        allowed = set()
        if not used.sure or now.earliest - used.when.latest <= self.grace:
            allowed.add("")
        if now.latest - used.when.earliest >= self.grace:
            allowed.add("REFRESH_REUSED")
        return allowed

    def _maybe_rotated(self, now: Moment, label: str | None, allowed: set[str]) -> Sessions:
        """An answer was lost: the token may have been retired, and reuse of it may have ended the session."""
        if label is None or label not in self.tokens:
            return self
        after = self
        if "REFRESH_REUSED" in allowed:
            after = after._end(self.tokens[label].session, None)
        if "" in allowed and label not in self.retired:
            lost = Retired(Moment(now.earliest, math.inf), None, sure=False)
            after = replace(after, retired={**after.retired, label: lost})
        return after

    def _laws(self, now: Moment, grant: Grant, session: Session) -> tuple[Disagreement, ...]:
        wrong = []
        for name, label in (("access", grant.access), ("refresh", grant.refresh)):
            if label in self.tokens or grant.access == grant.refresh:
                wrong.append(Disagreement("law: tokens are fresh", f"a new {name} token", label))
        end = session.started.latest + ABSOLUTE
        for name, expires, life in (
            ("access", grant.access_expires, self.access_life),
            ("refresh", grant.refresh_expires, IDLE),
        ):
            low, high = now.earliest + life - ROUNDING, now.latest + life
            if name == "refresh":
                low, high = min(low, session.started.earliest + ABSOLUTE - ROUNDING), min(high, end)
            if (end > now.latest + life and not low <= expires <= high) or expires > high:
                wrong.append(
                    Disagreement(f"law: the life of {name} tokens", f"exp {low} to {high}", str(expires))
                )
        left = grant.access_expires - now.latest - ROUNDING, grant.access_expires - now.earliest + ROUNDING
        if not left[0] <= grant.expires_in <= left[1]:
            wrong.append(Disagreement("law: expiresIn", f"{left[0]} to {left[1]}", str(grant.expires_in)))
        return tuple(wrong)

    def _issue(self, grant: Grant, session: Session) -> Sessions:
        access = Token(grant.session, "access", grant.access_expires)
        refresh = Token(grant.session, "refresh", grant.refresh_expires)
        return replace(
            self,
            sessions={**self.sessions, grant.session: session},
            tokens={**self.tokens, grant.access: access, grant.refresh: refresh},
        )

    def _device_taken(self, account: str, device: str | None, ended: bool | None) -> Sessions:
        """A new login of the same account on the same device ends the earlier session there."""
        after = self
        for name, session in self.sessions.items():
            if device is not None and (session.account, session.device) == (account, device):
                after = after._end(name, ended)
        return after

    def _believe(self, label: str | None, code: str) -> Sessions:
        """What the answer taught: a session that may have ended has, if its token is called invalid."""
        token = self.tokens.get(label or "")
        if code == "TOKEN_INVALID" and token is not None and self.sessions[token.session].ended is None:
            return self._end(token.session, True)
        return self

    def _end(self, name: str, ended: bool | None) -> Sessions:
        session = self.sessions[name]
        if session.ended is True:
            return self
        return replace(self, sessions={**self.sessions, name: replace(session, ended=ended)})


def _refusal(what: str, allowed: set[str], reply: Reply) -> Disagreement:
    expected = " or ".join(sorted(code or "success" for code in allowed))
    return Disagreement(what, expected, f"{reply.status} {reply.code}".strip())


def _granted(what: str, reply: Reply) -> tuple[Disagreement, ...]:
    """Success is exactly 200 and brings tokens."""
    if reply.code:
        return ()
    return (Disagreement(what, "200 with tokens", str(reply.status)),)
