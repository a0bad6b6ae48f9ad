"""The checker of sessions: one refresh for each expiry, one successor for each refresh token, and no success after the session's end.

Rule for clients: `single-flight`, one client sends one refresh for one token (a retry after a lost answer or a refusal is allowed, and a
test that reuses a token on purpose says `deliberate`).
Rules for servers:
- `two-successors`: all accepted uses of one refresh token get the same successor;
- `reuse-accepted`: a use that certainly began after the grace (10 s) is refused;
- `grace-refused`: a use that certainly ended within the grace is not called reuse, while the session lives;
- `false-reuse`: `REFRESH_REUSED` needs an earlier use;
- `after-end`: from the answer of a logout, or of a `REFRESH_REUSED`, on, no call of that session succeeds.

Facts: `session` on any call; `presented` and `issued` on refreshes, labels of tokens and never tokens; `code`,
`deliberate`. Source: S:747-762; R6; RFC 9700, 4.14.2.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence

from contracts.checkers.findings import Finding, verdict
from contracts.history import FAIL, INFO, OK, Call, History
from contracts.verdict import Verdict

CHECK = "sessions"
REFRESH, LOGOUT = "refreshTokens", "logout"
ENDS = frozenset({REFRESH, LOGOUT})
"""The operations that may end a session."""
GRACE = 10_000_000_000
"""The time in ns for which a used refresh token still gets its successor."""


def sessions(history: History, *, grace: int | None = GRACE) -> Verdict:
    """The verdict on the refreshes and calls of each session. `grace` is in ns; it is None if the server's clock was frozen or moved, so
    that durations mean nothing."""
    uses: dict[tuple[str, str], list[Call]] = defaultdict(list)
    ends: dict[str, Call] = {}
    seen = 0
    for call in history:
        operation = call.operation
        if operation not in ENDS:
            continue
        if operation == REFRESH:
            facts = call.facts
            seen += 1
            if "session" in facts and "presented" in facts:
                uses[facts["session"], facts["presented"]].append(call)
            if call.outcome is FAIL and facts.get("code") == "REFRESH_REUSED":
                _ended(ends, call)
        elif call.outcome is OK:
            seen += 1
            _ended(ends, call)
    findings: list[Finding] = []
    for (session, _), calls in uses.items():
        if len(calls) == 1 and "code" not in calls[0].facts:
            continue  # used once and not refused, so no rule can be broken
        findings += (*_client(calls), *_successors(calls), *_reuse(calls))
        if grace is not None:
            findings += _grace(calls, grace, ends.get(session), uses)
    findings += _after_end(history, ends)
    return verdict(
        CHECK,
        findings,
        seen=seen,
        lacking="no session was refreshed or ended",
        refreshes=sum(map(len, uses.values())),
    )


def _ended(ends: dict[str, Call], call: Call) -> None:
    session = call.facts.get("session")
    if session is None or call.done is None:
        return
    known = ends.get(session)
    if known is None or known.done is None or call.done < known.done:
        ends[session] = call


def _client(calls: Sequence[Call]) -> Iterable[Finding]:
    answered: dict[str, Call] = {}
    for call in calls:
        # A refresh may be repeated if it had no answer, was never sent, or was refused (for its rate, say) without being a reuse.
        refused = call.outcome is FAIL and call.facts.get("code") != "REFRESH_REUSED"
        if call.outcome is INFO or refused or call.facts.get("deliberate"):
            continue
        other = answered.setdefault(call.client, call)
        if other is not call:
            reason = (
                f"client {call.client} sent two refreshes for one expiry of session {call.facts['session']}"
            )
            yield Finding("single-flight", reason, (other, call))


def _successors(calls: Sequence[Call]) -> Iterable[Finding]:
    accepted = [call for call in calls if call.outcome is OK and "issued" in call.facts]
    for call in accepted[1:]:
        if call.facts["issued"] != accepted[0].facts["issued"]:
            reason = f"one refresh token of session {call.facts['session']} got two different successors"
            yield Finding("two-successors", reason, (accepted[0], call))


def _reuse(calls: Sequence[Call]) -> Iterable[Finding]:
    for call in calls:
        if call.facts.get("code") != "REFRESH_REUSED" or call.done is None:
            continue
        done = call.done
        if not any(o is not call and o.outcome is not FAIL and o.sent <= done for o in calls):
            reason = f"the first use of a refresh token of session {call.facts['session']} was called a reuse"
            yield Finding("false-reuse", reason, (call,))


def _grace(
    calls: Sequence[Call], grace: int, end: Call | None, uses: dict[tuple[str, str], list[Call]]
) -> Iterable[Finding]:
    accepted = [call for call in calls if call.outcome is OK and call.done is not None]
    first_done = min((c.done for c in accepted if c.done is not None), default=None)
    first_sent = min((c.sent for c in calls if c.outcome is not FAIL), default=None)
    for call in calls:
        session = call.facts["session"]
        if call.outcome is OK and first_done is not None and call.sent - first_done > grace:
            seconds = (call.sent - first_done) / 1e9
            reason = (
                f"a refresh token of session {session} was accepted again {seconds:.1f} s after its first use"
            )
            yield Finding("reuse-accepted", reason, (accepted[0], call))
        if call.facts.get("code") != "REFRESH_REUSED" or call.done is None or first_sent is None:
            continue
        ended_before = end is not None and end is not call and end.sent < call.done
        # After the successor was used itself, the grace has ended.
        moved_on = any(
            o.sent < call.done for c in accepted for o in uses.get((session, c.facts.get("issued", "")), ())
        )
        if call.done - first_sent < grace and not ended_before and not moved_on:
            reason = f"a refresh token of session {session} was called reused within its grace"
            yield Finding("grace-refused", reason, (*accepted[:1], call))


def _after_end(history: History, ends: dict[str, Call]) -> Iterable[Finding]:
    if not ends:
        return
    for call in history:
        end = ends.get(call.facts.get("session", ""))
        if end is None or call.outcome is not OK:
            continue
        if end.done is not None and call.sent > end.done and call.operation != "login":
            reason = f"{call.operation} succeeded after session {call.facts['session']} had ended"
            yield Finding("after-end", reason, (end, call))
