"""Checks of WebSocket frames over a raw socket: RFC 6455 case by case, and the channel's own rules for text frames."""

import json
from collections.abc import Callable, Mapping

from contracts.suite.api.api import Api
from contracts.suite.api.capabilities import NEEDS
from contracts.suite.api.opened_sockets import with_token
from contracts.suite.api.session_probes import control
from contracts.suite.contract_violation import Unchecked, equal, expect
from contracts.suite.plugin.registry import family
from contracts.suite.realtime.raw_socket import RawSocket
from contracts.suite.realtime.recording_socket import SETTLE

check = family("realtime", needs=("realtime",), requires=["realtime channel"])

CONT, TEXT, BINARY, CLOSE, PING, PONG = 0, 1, 2, 8, 9, 10
BEAT = b'{"type":"heartbeat","data":{"timestamp":5}}'
UMLAUT = '{"type":"heartbeat","data":{"timestamp":5},"x":"äß字😀"}'.encode()


def _split(frame: RawSocket, payload: bytes, *sizes: int, opcode: int = TEXT) -> None:
    """Send the payload in fragments of these sizes, and the rest in the last one."""
    at = 0
    for number, size in enumerate(sizes):
        frame.frame(opcode if number == 0 else CONT, payload[at : at + size], fin=False)
        at += size
    frame.frame(CONT, payload[at:])


def _padded(size: int) -> bytes:
    """A valid heartbeat of exactly this many bytes."""
    head = b'{"type":"heartbeat","data":{"timestamp":5},"x":"'
    return head + b"a" * (size - len(head) - 2) + b'"}'


def _interleaved(s: RawSocket) -> None:
    s.frame(TEXT, BEAT[:10], fin=False)
    s.frame(PING, b"mid")
    s.frame(CONT, BEAT[10:])


def _pong_then_text(s: RawSocket) -> None:
    s.frame(PONG, b"x")
    s.frame(TEXT, BEAT)


def _text_inside(s: RawSocket) -> None:
    s.frame(TEXT, BEAT[:5], fin=False)
    s.frame(TEXT, BEAT)


Case = tuple[Callable[[RawSocket], None], tuple[str, ...]]
# name -> (what is sent, what may come next).
FRAMES: Mapping[str, Case] = {
    "text": (lambda s: s.frame(TEXT, BEAT), ("heartbeat_response",)),
    "two-fragments": (lambda s: _split(s, BEAT, 9), ("heartbeat_response",)),
    "fragments-of-one-byte": (lambda s: _split(s, BEAT, *[1] * 30), ("heartbeat_response",)),
    "empty-fragments": (lambda s: _split(s, BEAT, 0, 0, 7, 0), ("heartbeat_response",)),
    "fragment-inside-a-character": (lambda s: _split(s, UMLAUT, *[1] * (len(UMLAUT) - 2)), ("heartbeat_response",)),
    "ping-between-fragments": (_interleaved, ("pong mid",)),
    "length-125": (lambda s: s.frame(TEXT, _padded(125)), ("heartbeat_response",)),
    "length-126": (lambda s: s.frame(TEXT, _padded(126)), ("heartbeat_response",)),
    "length-127": (lambda s: s.frame(TEXT, _padded(127)), ("heartbeat_response",)),
    "length-65535": (lambda s: s.frame(TEXT, _padded(65535)), ("heartbeat_response",)),
    "length-65536": (lambda s: s.frame(TEXT, _padded(65536)), ("heartbeat_response",)),
    "length-65537": (lambda s: s.frame(TEXT, _padded(65537)), ("close 1009",)),
    "length-200000": (lambda s: s.frame(TEXT, _padded(200000)), ("close 1009",)),
    "too-long-in-fragments": (lambda s: _split(s, _padded(65537), 30000, 30000), ("close 1009",)),
    "long-binary": (lambda s: s.frame(BINARY, b"x" * 65537), ("close 1009",)),
    "ping": (lambda s: s.frame(PING, b"hello"), ("pong hello",)),
    "ping-empty": (lambda s: s.frame(PING), ("pong",)),
    "ping-125": (lambda s: s.frame(PING, b"p" * 125), ("pong " + "p" * 125,)),
    "ping-126": (lambda s: s.frame(PING, b"p" * 126), ("close 1002",)),
    "ping-fragmented": (lambda s: s.frame(PING, b"p", fin=False), ("close 1002",)),
    "pong-unasked": (_pong_then_text, ("heartbeat_response",)),
    "unmasked": (lambda s: s.frame(TEXT, BEAT, masked=False), ("close 1002",)),
    "unmasked-ping": (lambda s: s.frame(PING, b"x", masked=False), ("close 1002",)),
    "rsv1": (lambda s: s.frame(TEXT, BEAT, rsv=4), ("close 1002",)),
    "rsv2": (lambda s: s.frame(TEXT, BEAT, rsv=2), ("close 1002",)),
    "rsv3": (lambda s: s.frame(TEXT, BEAT, rsv=1), ("close 1002",)),
    "rsv-on-ping": (lambda s: s.frame(PING, b"x", rsv=7), ("close 1002",)),
    "opcode-3": (lambda s: s.frame(3, b"x"), ("close 1002",)),
    "opcode-7": (lambda s: s.frame(7, b""), ("close 1002",)),
    "opcode-11": (lambda s: s.frame(11, b"x"), ("close 1002",)),
    "opcode-15": (lambda s: s.frame(15, b""), ("close 1002",)),
    "continuation-of-nothing": (lambda s: s.frame(CONT, BEAT), ("close 1002",)),
    "text-inside-fragments": (_text_inside, ("close 1002",)),
    "binary": (lambda s: s.frame(BINARY, BEAT), ("close 1003",)),
    "binary-empty": (lambda s: s.frame(BINARY), ("close 1003",)),
    "binary-in-fragments": (lambda s: _split(s, BEAT, 5, opcode=BINARY), ("close 1003",)),
    "utf8-ff": (lambda s: s.frame(TEXT, b"\xff"), ("close 1007",)),
    "utf8-overlong": (lambda s: s.frame(TEXT, b'{"type":"\xc0\xaf"}'), ("close 1007",)),
    "utf8-surrogate": (lambda s: s.frame(TEXT, b"\xed\xa0\x80"), ("close 1007",)),
    "utf8-beyond": (lambda s: s.frame(TEXT, b"\xf4\x90\x80\x80"), ("close 1007",)),
    "utf8-cut": (lambda s: s.frame(TEXT, b'"\xe5\xad'), ("close 1007",)),
    "utf8-bad-over-fragments": (lambda s: _split(s, b'"\xe5\x28"', 2), ("close 1007",)),
    "close-1000": (lambda s: s.frame(CLOSE, b"\x03\xe8bye"), ("close 1000",)),
    "close-1001": (lambda s: s.frame(CLOSE, b"\x03\xe9"), ("close 1001",)),
    "close-3000": (lambda s: s.frame(CLOSE, b"\x0b\xb8"), ("close 3000",)),
    "close-4999": (lambda s: s.frame(CLOSE, b"\x13\x87"), ("close 4999",)),
    "close-without-code": (lambda s: s.frame(CLOSE), ("close 1005", "close 1000")),
    "close-one-byte": (lambda s: s.frame(CLOSE, b"\x03"), ("close 1002",)),
    "close-999": (lambda s: s.frame(CLOSE, b"\x03\xe7"), ("close 1002",)),
    "close-1005": (lambda s: s.frame(CLOSE, b"\x03\xed"), ("close 1002",)),
    "close-1006": (lambda s: s.frame(CLOSE, b"\x03\xee"), ("close 1002",)),
    "close-1015": (lambda s: s.frame(CLOSE, b"\x03\xf7"), ("close 1002",)),
    "close-reason-not-utf8": (lambda s: s.frame(CLOSE, b"\x03\xe8\xff"), ("close 1007", "close 1002")),
    "close-126": (lambda s: s.frame(CLOSE, b"\x03\xe8" + b"x" * 124), ("close 1002",)),
}  # fmt: skip


CODES_OF_LIBRARY = {"close 1002", "close 1007"}
FAILED = ("close 1005", "cut")
"""A WebSocket library that breaks off at a broken frame SHOULD say why, and need not."""


# Cases that mean the same after any proxy has read the message and written it anew.
OF_MESSAGES = frozenset(
    {
        "text", "two-fragments", "fragments-of-one-byte", "empty-fragments", "fragment-inside-a-character",
        "ping-between-fragments", "length-125", "length-126", "length-127", "length-65535", "length-65536",
        "length-65537", "length-200000", "too-long-in-fragments", "long-binary", "ping", "ping-empty", "ping-125",
        "pong-unasked", "binary", "binary-empty", "binary-in-fragments", "close-1000",
    }
)  # fmt: skip


@check("frames.rfc6455", "RFC 6455 5, R16", over=FRAMES)
def rfc6455(api: Api, value: str) -> None:
    """Frames are read according to RFC 6455; a violation closes the socket with the code for it."""
    send, wanted = FRAMES[value]
    own = api.has("frames")
    if not own and value not in OF_MESSAGES:
        raise Unchecked(NEEDS["frames"])
    with with_token(api) as socket:
        equal(socket.status, 101, "status of the handshake")
        send(socket)
        got = socket.outcome()
        if got in FAILED and set(wanted) <= CODES_OF_LIBRARY:
            raise Unchecked(
                f"the target fails the connection without a code ({got}), as RFC 6455 7.1.7 allows"
            )
        expect(got in wanted, f"{' or '.join(wanted)} after {value}", got)
        if own and got.startswith("close"):
            expect(socket.ended(), "the end of the TCP connection after the close", "an open one")


# text -> what the server answers (asyncapi, "Frames").
TEXTS: Mapping[str, str] = {
    "": "error BAD_JSON", "{": "error BAD_JSON", "nonsense": "error BAD_JSON", "{'type':'x'}": "error BAD_JSON",
    '{"type":"heartbeat","data":{"timestamp":NaN}}': "error BAD_JSON", '{"type":"heartbeat"} {}': "error BAD_JSON",
    "[]": "error BAD_MESSAGE", "1": "error BAD_MESSAGE", "null": "error BAD_MESSAGE", '"heartbeat"': "error BAD_MESSAGE",
    "{}": "error BAD_MESSAGE", '{"type":1}': "error BAD_MESSAGE", '{"type":null,"data":{}}': "error BAD_MESSAGE",
    '{"type":"heartbeat"}': "error BAD_MESSAGE", '{"type":"heartbeat","data":{}}': "error BAD_MESSAGE",
    '{"type":"heartbeat","data":{"timestamp":"5"}}': "error BAD_MESSAGE",
    '{"type":"heartbeat","data":{"timestamp":-1}}': "error BAD_MESSAGE",
    '{"type":"heartbeat","data":{"timestamp":1.5}}': "error BAD_MESSAGE",
    '{"type":"heartbeat","data":{"timestamp":9007199254740992}}': "error BAD_MESSAGE",
    '{"type":"heartbeat","data":[5]}': "error BAD_MESSAGE", '{"type":"heartbeat","data":null}': "error BAD_MESSAGE",
    '{"type":"heartbeat_response","data":{}}': "error BAD_MESSAGE", '{"type":"heartbeat_response"}': "error BAD_MESSAGE",
    '{"type":"Heartbeat","data":{"timestamp":5}}': "error UNKNOWN_TYPE", '{"type":""}': "error UNKNOWN_TYPE",
    '{"type":"content_updated","data":{}}': "error UNKNOWN_TYPE", '{"type":"__proto__"}': "error UNKNOWN_TYPE",
    '{"type":"error","data":{"code":"BAD_JSON","message":"x"}}': "error UNKNOWN_TYPE",
    '{"type":"heartbeat","data":{"timestamp":5,"more":1},"more":{}}': "heartbeat_response",
    ' {"data":{"timestamp":5.0},"type":"heartbeat"} ': "heartbeat_response",
    '{"type":"heartbeat_response","data":{"timestamp":5}}': "silence",
}  # fmt: skip


@check("frames.texts", "R16, asyncapi")
def texts(api: Api) -> None:
    """Each text frame gets exactly the answer that the document has for it."""
    for text, wanted in TEXTS.items():
        with with_token(api) as socket:
            socket.frame(TEXT, text.encode())
            got = socket.outcome(SETTLE if wanted == "silence" else 3.0)
            equal(got, wanted, f"the answer to {text!r}")
            socket.frame(TEXT, BEAT)
            equal(socket.outcome(), "heartbeat_response", f"the answer to a heartbeat after {text!r}")


@check("frames.third-bad-closes", "R16")
def third_bad(api: Api) -> None:
    """The third bad frame within 60 s is answered by close 1008; unknown types never count."""
    with with_token(api) as socket:
        for text in ('{"type":"x"}', "{", '{"type":"y"}', "[]", '{"type":"z"}'):
            socket.frame(TEXT, text.encode())
            expect(socket.outcome().startswith("error"), f"an error for {text}", "none")
        socket.frame(TEXT, BEAT)
        equal(socket.outcome(), "heartbeat_response", "the answer to a heartbeat after two bad frames")
        socket.frame(TEXT, b'{"type":5}')
        equal(socket.outcome(), "close 1008", "the answer to the third bad frame")
    with with_token(api) as socket:
        socket.at_once(TEXT, b"{", b"[]", b"{")
        got = [socket.outcome() for _ in range(3)]
        equal(
            got,
            ["error BAD_JSON", "error BAD_MESSAGE", "close 1008"],
            "the answers to three bad frames at once",
        )


@check("frames.bad-count-forgets", "R16", needs=("realtime", "control", "alone"))
def forgets(api: Api) -> None:
    """More than 60 s after the first of them, bad frames no longer count."""
    clock = control(api)
    with with_token(api) as socket:
        for _ in range(3):
            for _ in range(2):
                socket.frame(TEXT, b"{")
                equal(socket.outcome(), "error BAD_JSON", "the answer to a bad frame")
            clock.advance(61)


@check("frames.errors-tell-no-token", "R11")
def no_token(api: Api) -> None:
    """An error never repeats a value that may be a token."""
    with with_token(api) as socket:
        socket.frame(TEXT, json.dumps({"type": api.session.access}).encode())
        reaction, payload = socket.answer()
        expect(reaction.startswith("error"), "an error", reaction)
        expect(
            api.session.access.rpartition(".")[2].encode() not in payload,
            "no token in the error",
            "the token",
        )
