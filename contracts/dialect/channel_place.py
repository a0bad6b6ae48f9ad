"""Where a target's realtime channel stands and where its token goes. The OpenAPI document has no word for it, so that a target whose
place is another says so at the top of its document, perhaps by an overlay; TCHAT_WS_PATH wins:

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
"""Operations that a storm is made of."""


class ChannelPlace(NamedTuple):
    """Where the target has its WebSocket channel. `path` stands under the place of the API and is empty where there is no
    channel; `token` is a parameter of its query."""

    path: str = "/ws"
    token: str = "token"

    def query(self, query: str) -> str:
        """A query in the target's words.

        >>> ChannelPlace(token="jwt").query("?token=a&token=b")
        '?jwt=a&jwt=b'
        """
        return re.sub(r"(?<![^?&])token=", f"{self.token}=", query)

    def paths(self, prefixes: Iterable[str]) -> frozenset[str]:
        """The complete ones; none where there is no channel."""
        return frozenset(f"{prefix}{self.path}" for prefix in prefixes if self.path)


def channel_place(spec: Spec, named: str = "") -> ChannelPlace:
    """`named` is a path that the user gives, or `off`; SpecError where what the document tells is no place."""
    told = spec.document.get("x-dialect", {}).get("channel", {})
    named = named or os.environ.get(WS_PATH_VARIABLE, "")
    if told is False:
        told = {"path": ""}
    if not isinstance(told, Mapping) or not all(isinstance(word, str) for word in told.values()):
        raise SpecError("/x-dialect/channel: it is false, or an object with `path` and `token`")
    if set(told) - set(ChannelPlace._fields):
        raise SpecError("/x-dialect/channel: it has the keys path and token")
    place = ChannelPlace(**told)
    if named:
        place = place._replace(path="" if named == OFF else named)
    path = place.path
    if path and not (path.startswith("/") and path.isprintable() and not set(path) & set(" ?#")):
        raise SpecError(f"{path!r} is no path of a realtime channel like /ws, nor off")
    return place


def impossible(spec: Spec, operations: Iterable[str]) -> str:
    """Why sockets cannot be tried against a target with this document; empty where they can."""
    if not channel_place(spec).path:
        return "the target has no realtime channel, by its document or by TCHAT_WS_PATH"
    absent = [name for name in operations if name not in spec.operations]
    return (
        f"the document has no operation {absent[0]}, without which the sockets have nothing to hear of"
        if absent
        else ""
    )
