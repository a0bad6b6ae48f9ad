"""Checks of the handshake of the realtime channel: which one opens it, and how the others are refused."""

from collections.abc import Mapping
from urllib.parse import quote

from contracts.dialect.channel_place import QUERY
from contracts.model.unpromised import UnpromisedError
from contracts.network.http_fields import list_members
from contracts.suite.api.api import Api
from contracts.suite.api.capabilities import NEEDS
from contracts.suite.api.opened_sockets import OPEN, raw, with_token
from contracts.suite.api.session_probes import let_expire
from contracts.suite.contract_violation import Unchecked, equal, expect
from contracts.suite.plugin.registry import family
from contracts.suite.realtime.handshake_fields import ACCEPT, upgrade
from contracts.suite.realtime.raw_socket import RawSocket
from contracts.suite.realtime.recording_socket import SETTLE, RecordingSocket

check = family("realtime", needs=OPEN)


# case -> (headers beyond a right upgrade, query, status, code, headers that must come); {token} stands for a good one.
REFUSALS: Mapping[str, tuple[dict[str, str], str, int, str, dict[str, str]]] = {
    "no-token": ({}, "", 401, "TOKEN_MISSING", {"www-authenticate": 'Bearer realm="tchat"'}),
    "empty-token": ({}, "?token=", 401, "", {"www-authenticate": "Bearer"}),
    "undefined-token": (
        {},
        "?token=undefined",
        401,
        "TOKEN_INVALID",
        {"www-authenticate": 'error="invalid_token"'},
    ),
    "bad-bearer": (
        {"Authorization": "Bearer a.b.c"},
        "",
        401,
        "TOKEN_INVALID",
        {"www-authenticate": 'error="invalid_token"'},
    ),
    "refresh-token": (
        {"Authorization": "Bearer {refresh}"},
        "",
        401,
        "TOKEN_INVALID",
        {"www-authenticate": 'error="invalid_token"'},
    ),
    "cut-token": ({}, "?token={cut}", 401, "TOKEN_INVALID", {"www-authenticate": 'error="invalid_token"'}),
    "both-places": ({"Authorization": "Bearer {token}"}, "?token={token}", 400, "VALIDATION_FAILED", {}),
    "token-twice": ({}, "?token={token}&token={token}", 400, "VALIDATION_FAILED", {}),
    "no-key": ({"Sec-WebSocket-Key": ""}, "?token={token}", 400, "VALIDATION_FAILED", {}),
    "no-upgrade": (
        {"Upgrade": "", "Connection": ""},
        "?token={token}",
        426,
        "UPGRADE_REQUIRED",
        {"upgrade": "websocket", "sec-websocket-version": "13"},
    ),
    "old-version": (
        {"Sec-WebSocket-Version": "8"},
        "?token={token}",
        426,
        "UPGRADE_REQUIRED",
        {"sec-websocket-version": "13"},
    ),
    "no-version": (
        {"Sec-WebSocket-Version": ""},
        "?token={token}",
        426,
        "UPGRADE_REQUIRED",
        {"sec-websocket-version": "13"},
    ),
    "no-upgrade-before-token": ({"Upgrade": "", "Connection": ""}, "", 426, "UPGRADE_REQUIRED", {}),
    "foreign-origin": ({"Origin": "https://evil.example"}, "?token={token}", 403, "FORBIDDEN", {}),
    "token-before-origin": ({"Origin": "https://evil.example"}, "", 401, "TOKEN_MISSING", {}),
}


NO_HANDSHAKE = ("no-key", "old-version", "no-version")
"""Those that break RFC 6455 itself, which not only the server may judge."""


@check("realtime.handshake", "R11, R40", needs=("channel",))
def handshake(api: Api) -> None:
    """A good token opens the channel, in the query or in Authorization, under every mount, without subprotocol."""
    RecordingSocket(api.target, api.session).close()
    if not api.promises("realtime channel"):
        return
    place = api.target.settings.channel
    for prefix in api.target.recorder.judge.bases:
        for header in (True, False) if place.where == QUERY else (False,):
            made = RecordingSocket(api.target, api.session, prefix=prefix, header=header)
            expect(made.ping(), "a pong", made.flaw or "none")
            made.close()
    if place.subprotocol is not None:
        return
    with with_token(api, Sec_WebSocket_Protocol="chat, v2") as socket:
        equal(socket.status, 101, "status of the handshake")
        equal(socket.headers.get("sec-websocket-accept"), ACCEPT, "Sec-WebSocket-Accept (RFC 6455, 1.3)")
        equal(socket.headers.get("sec-websocket-protocol"), None, "Sec-WebSocket-Protocol")


@check("realtime.refused", "R12, RFC 6455 4.2.2", over=REFUSALS)
def refused(api: Api, value: str) -> None:
    """A bad handshake is refused before the upgrade, with its status, code and headers."""
    headers, query, status, code, wanted = REFUSALS[value]
    words = {"token": api.session.access, "refresh": api.session.refresh, "cut": api.session.access[:-3]}
    sent = {name: text.format(**words) for name, text in {**upgrade(), **headers}.items() if text}
    if value in NO_HANDSHAKE and not api.has("frames"):
        raise Unchecked(NEEDS["frames"])
    with raw(api, sent, query.format(**{k: quote(v) for k, v in words.items()})) as socket:
        if not api.promises("realtime channel"):
            if status != 401:
                raise UnpromisedError("the document does not describe the realtime channel")
            _not_let_in(socket, value)
            return
        direct = api.target.direct
        if value in NO_HANDSHAKE and not direct and socket.status in (400, 426) and not socket.code:
            return  # refused by what stands before the server, as any WebSocket library would
        equal(socket.status, status, f"status of a handshake with {value}")
        if not _tells_why(api, socket):
            return
        if code:
            equal(socket.code, code, "code of the refusal")
        equal(
            socket.headers.get("content-type", "").partition(";")[0],
            "application/problem+json",
            "Content-Type of the refusal",
        )
        for name, text in wanted.items():
            hop = name == "upgrade" and name not in socket.headers
            if hop and not direct and "upgrade" not in socket.headers.get("connection", "").lower():
                continue  # both speak of one connection only, and an intermediary leaves them out (RFC 9110, 7.6.1)
            expect(
                text.lower() in socket.headers.get(name, "").lower(),
                f"{name}: {text}",
                socket.headers.get(name, "no such header"),
            )


def _not_let_in(socket: RawSocket, what: str) -> None:
    """Check a law of any channel: a client without a valid token gets no open socket, however and whenever it is refused."""
    got = socket.outcome(SETTLE) if socket.status == 101 else "refused"
    expect(got.startswith(("close", "cut", "refused")), f"no open socket with {what}", got)


@check("realtime.methods", "asyncapi", requires=["realtime channel"])
def methods(api: Api) -> None:
    """The channel's path has GET, HEAD and OPTIONS; another method is 405 with Allow."""
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        with raw(api, {"Content-Length": "0"}, method=method) as socket:
            equal(
                (socket.status, list_members(socket.headers.get("allow"))),
                (405, ["GET", "HEAD", "OPTIONS"]),
                f"status and Allow of {method}",
            )


def _tells_why(api: Api, socket: RawSocket) -> bool:
    """Whether the content of a refusal can be judged: a proxy that speaks WebSocket itself forwards only the status."""
    return bool(socket.body) or api.has("frames")


def _token_refused(own: Api, code: str, what: str) -> None:
    """Raise ContractViolation unless the token of this session, which is no longer good, opens no socket."""
    with with_token(own) as socket:
        if own.promises("realtime channel"):
            wanted = (401, code if _tells_why(own, socket) else "")
            equal((socket.status, socket.code), wanted, f"the answer to {what}")
        else:
            _not_let_in(socket, what)


@check("realtime.ended-session-refused", "R12")
def ended_refused(api: Api) -> None:
    """A token of an ended session opens no socket."""
    own = api.fresh()
    own.call("logout").must(200)
    _token_refused(own, "TOKEN_INVALID", "a token of an ended session")


@check("realtime.expired-refused", "R8", needs=("realtime", "expiry"))
def expired_refused(api: Api) -> None:
    """An expired token opens no socket."""
    own = api.fresh()
    let_expire(own)
    _token_refused(own, "TOKEN_EXPIRED", "an expired token")
