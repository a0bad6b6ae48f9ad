"""The rules of the WebSocket channel; each field has its right value as default."""

from __future__ import annotations


class RealtimeRules:
    """A number that ends in `_every` counts; 0 is never. `_ms` are milliseconds, `_us` microseconds."""

    # Realtime: handshake

    ws_token_needed: bool = True
    """A handshake without any token is 401 TOKEN_MISSING."""
    ws_token_checked: bool = True
    """A token that is malformed or forged is 401 TOKEN_INVALID."""
    ws_expired_taken: bool = False
    """An expired access token opens a socket all the same."""
    ws_refresh_taken: bool = False
    """A refresh token opens a socket."""
    ws_ended_session_taken: bool = False
    """A token of a session that was ended opens a socket."""
    ws_two_tokens_taken: bool = False
    """Query token and Authorization together are accepted (RFC 6750, 2: 400)."""
    ws_query_token_read: bool = True
    """The query's token counts; False: only Authorization does, which no browser can send (R11)."""
    ws_origin_checked: bool = True
    """An Origin that is not listed is 403."""
    ws_refuse_before_upgrade: bool = True
    """A refusal is an HTTP answer; False: the socket is accepted, then closed with `ws_close_session`."""
    ws_refusal_status: int = 401
    """The status of a refused token."""
    ws_refusal_challenge: bool = True
    """A 401 carries WWW-Authenticate."""

    ws_other_methods_refused: bool = True
    """POST and the like on the channel's path are 405; False: they are 426, as a GET is."""
    ws_subprotocol_chosen: bool = False
    """The first subprotocol that the client offers is taken (the channel has none)."""

    # Realtime: heartbeats

    ws_heartbeat_answered: bool = True
    """A client's heartbeat gets a heartbeat_response (W6)."""
    ws_heartbeat_answer_ms: int = 0
    """How long that answer is held back."""
    ws_heartbeat_answers: int = 1
    """How many answers one heartbeat gets."""
    ws_heartbeat_echo: bool = True
    """The answer echoes the client's timestamp; False: it echoes 0."""
    ws_heartbeat_unit: int = 1
    """Timestamps are divided by this; 1000 makes them seconds."""
    ws_heartbeat_sent: bool = True
    """The server sends heartbeats of its own."""
    ws_heartbeat_period: int = 30
    """Seconds between them."""
    ws_response_answered: bool = False
    """A heartbeat_response is answered by another one (an echo loop)."""
    ws_silence_limit: int = 75
    """Seconds without a frame until the server aborts; 0: never, so half-open sockets stay."""
    ws_silence_code: int = 0
    """Close code after silence; 0 is the TCP abort that makes the guide's clients come back."""

    # Realtime: events

    ws_event_after_commit: bool = True
    """False: content_updated leaves before the write is readable (W1)."""
    ws_event_of_refused: bool = False
    """A refused update (409 VERSION_CONFLICT) is announced all the same, with the version it would have made."""
    ws_event_of_repeat: bool = False
    """A repeat without effect (publish of a published item) is announced, with the unchanged version (W2)."""
    ws_event_lost_every: int = 0
    """Each Nth event of a socket is not sent to it, and nothing tells it (W3)."""
    ws_event_doubled_every: int = 0
    """Each Nth event of a socket is sent twice (W2)."""
    ws_event_swapped_every: int = 0
    """Each Nth event of a socket is sent after the one that follows it (W2 where both are of one item)."""
    ws_event_delay_ms: int = 0
    """How long each event is held back."""
    ws_event_own_workspace: bool = True
    """False: what is meant for one workspace goes to the sockets of all (W5)."""
    ws_event_permission: bool = True
    """Only sockets whose token carries content:read get content_updated."""
    ws_event_to_author: bool = True
    """The author's own sockets get the event as well (R36)."""
    ws_event_version_shift: int = 0
    """Added to the version in content_updated."""
    ws_event_action: str = ""
    """When not empty, the action of every content_updated."""
    ws_event_title_old: bool = False
    """content_updated shows the title `stale` in place of the item's."""
    ws_event_notify: bool | None = None
    """When not None, showNotification of every event."""
    ws_event_bulk_last_only: bool = False
    """Of the changes of one bulk request only the last is announced (W3)."""
    ws_event_without: str = ""
    """The member of content_updated's data that is left out."""
    ws_event_extra: bool = False
    """content_updated's data has the extra member `internalId`: 1."""
    ws_event_type: str = "content_updated"
    """The `type` of the event."""
    ws_event_flat: bool = False
    """The data's members stand beside `type` in place of within `data` (F10)."""
    ws_mute_after: int = 0
    """After this many events a socket gets nothing more, heartbeats included, but stays open (half-open)."""
    ws_abort_after: int = 0
    """After this many events the server aborts the socket."""
    ws_presence_sent: bool = True
    """user_status_changed is sent when a user comes and goes."""
    ws_presence_status: str = ""
    """When not empty, the status that every user_status_changed shows."""

    # Realtime: sync_required, closing, bad frames

    ws_sync_required_every: int = 0
    """Each Nth event is followed by a sync_required without a cause."""
    ws_sync_required_sent: bool = True
    """An overflow is told; False: the waiting events are dropped in silence (W3)."""
    ws_sync_stamp_shift: int = 0
    """Microseconds added to lastSyncTimestamp of sync_required; more than 0 loses changes (W4)."""
    ws_sync_stamp_number: bool = False
    """lastSyncTimestamp is a number of milliseconds, not RFC 3339 (R30)."""
    ws_close_binary: int = 1003
    """Close code for a binary frame."""
    ws_close_policy: int = 1008
    """Close code for the third bad frame within 60 s."""
    ws_close_large: int = 1009
    """Close code for a message over the limit."""
    ws_close_session: int = 4401
    """Close code when the session ends or the socket is 24 h old."""
    ws_close_restart: int = 1012
    """Close code where the server says that it restarts (the control interface's `restart`)."""
    ws_largest_message: int = 65_536
    """Bytes of a client's message that pass."""
    ws_bad_frames: int = 3
    """The bad frame within 60 s that closes; 0: none does."""
    ws_bad_window: int = 60
    """Seconds within which bad frames add up."""
    ws_bad_frame_told: bool = True
    """A bad frame is answered with `error`."""
    ws_unknown_type_counts: bool = False
    """A frame of unknown type counts as bad."""
    ws_type_repeated: int = 50
    """How many characters of an unknown type its error repeats: not so many that a token fits in."""
    ws_logout_closes: bool = True
    """A logout closes the sockets of its session (W7)."""
    ws_logout_closes_user: bool = False
    """A logout closes the sockets of all sessions of its user."""
    ws_expiry_closes: bool = False
    """A socket is closed when the access token that opened it expires (R13: it belongs to the session)."""
