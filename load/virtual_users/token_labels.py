"""Names for a user's sessions and tokens, so that the history can tell them apart and holds no secret.

>>> labels = TokenLabels("p0.1")
>>> labels.login("access-1", "refresh-1")
'p0.1.s1'
>>> labels.refreshed("refresh-1", "access-2", "refresh-2")
('p0.1.s1.r0', 'p0.1.s1.r1')
>>> labels.session("access-2"), labels.session("access-1")
('p0.1.s1', 'p0.1.s1')
"""

from __future__ import annotations

from collections import deque

KEPT = 8
"""Tokens of the past that may still be on their way."""


class TokenLabels:
    def __init__(self, name: str) -> None:
        self.name = name
        self._sessions = 0
        self._of: dict[str, str] = {}
        self._retired: deque[str] = deque()
        self._issued: dict[str, int] = {}

    def login(self, access: str, refresh: str) -> str:
        """A new session and its label."""
        self._sessions += 1
        label = f"{self.name}.s{self._sessions}"
        self._issued = {label: 0}
        self._keep(access, label)
        self._keep(refresh, f"{label}.r0")
        return label

    def session(self, token: str) -> str:
        """The session of an access or a refresh token; empty for one that nobody issued to this person."""
        return self._of.get(token, "").partition(".r")[0]

    def token(self, refresh: str) -> str:
        return self._of.get(refresh, "")

    def refreshed(self, presented: str, access: str, refresh: str) -> tuple[str, str]:
        """Labels of the token that was presented and of the one that came; a pair that comes again has the same label."""
        session = self.session(presented)
        if refresh not in self._of:
            self._issued[session] = self._issued.get(session, 0) + 1
            self._keep(refresh, f"{session}.r{self._issued[session]}")
        self._keep(access, session)
        return self.token(presented), self._of[refresh]

    def _keep(self, token: str, label: str) -> None:
        if token not in self._of:
            self._retired.append(token)
        self._of[token] = label
        while len(self._retired) > KEPT:
            self._of.pop(self._retired.popleft(), None)
