"""The path of a target's realtime channel, and the query parameter that carries its token.

OpenAPI cannot describe a WebSocket. A target whose channel is elsewhere says so at the top of its document, or an overlay does; the
environment variable TCHAT_WS_PATH takes precedence:

    x-dialect:
      channel: {path: /live, token: access_token}     # or `channel: false`
"""

import os
import re
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from contracts.spec import Spec, SpecError

WS_PATH_VARIABLE = "TCHAT_WS_PATH"
OFF = "off"
STORMS = ("login", "createContentItem", "updateContentItem", "syncContent")
"""The operations that a storm of WebSocket clients calls."""


class ChannelPlace(NamedTuple):
    """The place of a WebSocket channel. `path` is relative to the API's base path, and empty if there is no channel; `token` is the name
    of the query parameter with the access token."""

    path: str = "/ws"
    token: str = "token"

    def query(self, query: str) -> str:
        """A query string with the target's name for the token parameter.

        >>> ChannelPlace(token="jwt").query("?token=a&token=b")
        '?jwt=a&jwt=b'
        """
        return re.sub(r"(?<![^?&])token=", f"{self.token}=", query)

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
    if set(declared) - set(ChannelPlace._fields):
        raise SpecError("/x-dialect/channel: it has the keys path and token")
    place = ChannelPlace(**declared)
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
