"""Where a target's realtime channel stands and where its token goes. The OpenAPI document has no word for it, so that a target whose
place is another says so at the top of its document, perhaps by an overlay; TCHAT_WS_PATH wins:

    x-dialect:
      channel: {path: /live, token: access_token}     # or `channel: false`
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple

from contracts.spec import Spec, SpecError

WS_PATH_VARIABLE = "TCHAT_WS_PATH"
OFF = "off"


class ChannelPlace(NamedTuple):
    """Where the target has its WebSocket channel. `path` stands under the place of the API and is empty where there is no
    channel; `token` is a parameter of its query."""

    path: str = "/ws"
    token: str = "token"


def channel_place(spec: Spec) -> ChannelPlace:
    """SpecError where what the document tells is no place."""
    told = spec.document.get("x-dialect", {}).get("channel", {})
    named = os.environ.get(WS_PATH_VARIABLE, "")
    if told is False:
        told = {"path": ""}
    if not isinstance(told, Mapping) or not all(isinstance(word, str) for word in told.values()):
        raise SpecError("/x-dialect/channel: it is false, or an object with `path` and `token`")
    if set(told) - set(ChannelPlace._fields):
        raise SpecError("/x-dialect/channel: it has the keys path and token")
    place = ChannelPlace(**told)
    if named:
        place = place._replace(path="" if named == OFF else named)
    if place.path and not place.path.startswith("/"):
        raise SpecError(f"the path {place.path!r} of the realtime channel is no path like /ws")
    return place
