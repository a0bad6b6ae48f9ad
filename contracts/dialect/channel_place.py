"""The path of a target's realtime channel, and the place of the token in its handshake.

OpenAPI cannot describe a WebSocket. A target whose channel is elsewhere says so at the top of its document, or an overlay does; the
environment variable TCHAT_WS_PATH takes precedence:

    x-dialect:
      channel: {path: /live, token: access_token}     # a query parameter; or `channel: false`
      channel: {in: header}                           # Authorization: Bearer TOKEN, and nowhere else
      channel: {in: protocol, token: bearer}          # Sec-WebSocket-Protocol: bearer, TOKEN
"""

import os
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple
from urllib.parse import quote, unquote

from contracts.model.unpromised import UnpromisedError
from contracts.spec import Spec, SpecError

WS_PATH_VARIABLE = "TCHAT_WS_PATH"
OFF = "off"
WHERE = QUERY, HEADER, PROTOCOL = ("query", "header", "protocol")
TOKEN_NAMES = {QUERY: "token", HEADER: "", PROTOCOL: "bearer"}
AUTHORIZATION, SUBPROTOCOL = "Authorization", "Sec-WebSocket-Protocol"
TOKENS = re.compile(r"(?<![^?&])token=([^&]*)")
STORMS = ("login", "createContentItem", "updateContentItem", "syncContent")
"""The operations that a storm of WebSocket clients calls."""


class HandshakeToken(NamedTuple):
    """The query (`?name=value`, or empty) and the header fields of a handshake."""

    query: str
    headers: dict[str, str]


class ChannelPlace(NamedTuple):
    """The place of a WebSocket channel. `path` is relative to the API's base path, and empty if there is no channel. The access token is
    in the query parameter `token`, in Authorization (`header`), or behind the name `token` in Sec-WebSocket-Protocol (`protocol`)."""

    path: str = "/ws"
    token: str = "token"
    where: str = "query"

    def handshake(self, token: str) -> HandshakeToken:
        """Query and headers with this token.

        >>> ChannelPlace(token="jwt").handshake("a"), ChannelPlace(where="protocol", token="bearer").handshake("a").headers
        (HandshakeToken(query='?jwt=a', headers={}), {'Sec-WebSocket-Protocol': 'bearer, a'})
        """
        return self.placed(f"?token={quote(token, safe='')}", {})

    def placed(self, query: str, headers: Mapping[str, str]) -> HandshakeToken:
        """A handshake as our channel takes it, in the target's form. Raises UnpromisedError if it has tokens in two places, where the
        target has only one."""
        if self.where == QUERY:
            return HandshakeToken(re.sub(r"(?<![^?&])token=", f"{self.token}=", query), dict(headers))
        tokens = [unquote(value) for value in TOKENS.findall(query)]
        left = {name: value for name, value in headers.items() if name != AUTHORIZATION}
        if AUTHORIZATION in headers:
            tokens.append(headers[AUTHORIZATION].removeprefix("Bearer "))
        if len(tokens) > 1 or (self.where == PROTOCOL and SUBPROTOCOL in left):
            raise UnpromisedError("the channel takes its token in one place only")
        if not tokens:
            return HandshakeToken("", left)
        added = {AUTHORIZATION: f"Bearer {tokens[0]}"}
        if self.where == PROTOCOL:
            added = {SUBPROTOCOL: f"{self.token}, {tokens[0]}"}
        return HandshakeToken("", left | added)

    @property
    def subprotocol(self) -> str | None:
        """The subprotocol that the server selects."""
        return self.token if self.where == PROTOCOL else None

    def paths(self, prefixes: Iterable[str]) -> frozenset[str]:
        """The absolute paths under these prefixes; none if there is no channel."""
        return frozenset(f"{prefix}{self.path}" for prefix in prefixes if self.path)


def channel_place(spec: Spec, named: str = "") -> ChannelPlace:
    """The channel's place: `named` (a path, or `off`), else the environment, else the document. Raises SpecError for an invalid one."""
    declared = spec.document.get("x-dialect", {}).get("channel", {})
    named = named or os.environ.get(WS_PATH_VARIABLE, "")
    if declared is False:
        declared = {"path": ""}
    if not isinstance(declared, Mapping) or not all(isinstance(word, str) for word in declared.values()):
        raise SpecError("/x-dialect/channel: it is false, or an object with `path` and `token`")
    where = declared.get("in", QUERY)
    if set(declared) - {"path", "token", "in"} or where not in WHERE:
        raise SpecError(f"/x-dialect/channel: it has the keys path, token and in ({', '.join(WHERE)})")
    place = ChannelPlace(declared.get("path", "/ws"), declared.get("token", TOKEN_NAMES[where]), where)
    if named:
        place = place._replace(path="" if named == OFF else named)
    path = place.path
    if path and not (path.startswith("/") and path.isprintable() and not set(path) & set(" ?#")):
        raise SpecError(f"{path!r} is no path of a realtime channel like /ws, nor off")
    return place


def impossible(spec: Spec, operations: Iterable[str]) -> str:
    """The reason why the realtime channel of this document's target cannot be tested; empty if it can."""
    if not channel_place(spec).path:
        return "the target has no realtime channel, by its document or by TCHAT_WS_PATH"
    absent = [name for name in operations if name not in spec.operations]
    return (
        f"the document has no operation {absent[0]}, without which the sockets have nothing to hear of"
        if absent
        else ""
    )
