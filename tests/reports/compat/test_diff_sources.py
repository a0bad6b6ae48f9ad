"""Where `diff` takes its documents from: overlays over both, references to other files, URLs that may cost only so much."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from contracts.command.exit_code import ExitCode
from reports.bounded_http import HttpBounds
from reports.cli import main
from reports.compat import document_source

DOCUMENT = """
openapi: 3.1.0
info: {title: Small, version: 1.0.0}
paths:
  /a:
    get:
      parameters:
        - {name: size, in: query, schema: {type: integer, maximum: %d}}
      responses:
        '200': {description: Fine.}
"""
OVERLAY = """
overlay: 1.0.0
info: {title: O, version: '1'}
actions:
  - target: $.paths['/a'].get.parameters[0].schema
    update: {maximum: 10}
"""


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    for name, most in (("old.yaml", 100), ("new.yaml", 50)):
        (tmp_path / name).write_text(DOCUMENT % most)
    (tmp_path / "overlay.yaml").write_text(OVERLAY)
    return [str(tmp_path / name) for name in ("old.yaml", "new.yaml", "overlay.yaml")]


def test_an_overlay_is_put_over_both_documents(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    old, new, overlay = files
    assert main(["diff", old, new]) == ExitCode.FAIL
    assert main(["diff", old, new, "--overlay", overlay]) == ExitCode.PASS
    assert main(["diff", old, "--spec", new]) == ExitCode.FAIL
    assert main(["diff", old, new, "--spec", new]) == ExitCode.USAGE
    assert main(["diff", old, new, "--overlay", "none.yaml"]) == ExitCode.USAGE
    assert "cannot read none.yaml" in capsys.readouterr().err


def test_a_reference_to_another_file_is_followed(tmp_path: Path) -> None:
    for name, most in (("old", 100), ("new", 50)):
        folder = tmp_path / name
        folder.mkdir()
        (folder / "size.yaml").write_text(f"type: integer\nmaximum: {most}\n")
        text = (DOCUMENT % 1).replace("{type: integer, maximum: 1}", "{$ref: size.yaml}")
        (folder / "openapi.yaml").write_text(text)
    places = [str(tmp_path / name / "openapi.yaml") for name in ("old", "new")]
    assert main(["diff", *places]) == ExitCode.FAIL
    assert main(["diff", places[0], places[0]]) == ExitCode.PASS


@contextmanager
def answering(*pieces: bytes, endless: bytes = b"", pause: float = 0.0) -> Iterator[str]:
    """A server that answers every request with these bytes, and with `endless` again and again."""
    listener = socket.create_server(("127.0.0.1", 0))
    stopped = threading.Event()

    def serve() -> None:
        while not stopped.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=answer, args=(connection,), daemon=True).start()

    def answer(connection: socket.socket) -> None:
        with connection:
            try:
                connection.recv(65536)
                for piece in pieces:
                    connection.sendall(piece)
                while endless and not stopped.wait(pause):
                    connection.sendall(endless)
                if not pieces:
                    stopped.wait(30)
            except OSError:
                return

    threading.Thread(target=serve, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/openapi.yaml"
    finally:
        stopped.set()
        listener.close()


def test_a_document_comes_from_a_url(files: list[str]) -> None:
    body = (DOCUMENT % 50).encode()
    with answering(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body), body) as url:
        assert main(["diff", files[0], url]) == ExitCode.FAIL
        assert main(["diff", files[1], url]) == ExitCode.PASS


OK = b"HTTP/1.1 200 OK\r\n"
HOSTILE = {
    "says nothing": ((), b"", "no answer within"),
    "drips headers": ((OK,), b"X-A: b\r\n", "does not end it within|no HTTP"),
    "drips its body": ((OK, b"\r\n"), b"a", "does not end it within|more than"),
    "floods with 103": ((), b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", "does not end it within"),
    "sends without end": ((OK, b"\r\n"), b"x" * 65536, "more than 1 MiB|does not end it within"),
    "sends one header without end": ((OK, b"X-A: "), b"x" * 65536, "no HTTP|does not end it within"),
    "sends elsewhere": ((b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.2/\x1b]52;c;YQ==\x07\r\nContent-Length: 0\r\n\r\n",), b"", "answers 302"),
    "is no HTTP": ((b"SSH-2.0-x\r\n",), b"", "no HTTP"),
    "compresses unasked": ((OK, b"Content-Encoding: gzip\r\nContent-Length: 3\r\n\r\nabc"), b"", ""),
    "lacks half of its body": ((OK, b"Content-Length: 9\r\n\r\nabc"), b"", "expected 9"),
    "has a length that is none": ((OK, b"Content-Length: -9\r\n\r\n"), b"", ""),
    "breaks its chunks": ((OK, b"Transfer-Encoding: chunked\r\n\r\nzz\r\n"), b"", ""),
}  # fmt: skip


@pytest.mark.parametrize(
    ("pieces", "endless", "said"), [pytest.param(*entry, id=name) for name, entry in HOSTILE.items()]
)
def test_a_url_costs_only_so_much(
    files: list[str], pieces: tuple[bytes, ...], endless: bytes, said: str,
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.setattr(document_source, "BOUNDS", HttpBounds(seconds=0.5, mebibytes=1))
    began = time.monotonic()
    with answering(*pieces, endless=endless, pause=0.001) as url:
        code = main(["diff", files[0], url])
    message = capsys.readouterr().err
    assert code in (ExitCode.UNREACHABLE, ExitCode.USAGE) and message.count("\n") == 1, message
    assert not said or any(each in message for each in said.split("|")), message
    assert "\x1b" not in message
    assert time.monotonic() - began < 10, "twenty times its bound"


def test_nothing_at_a_url_is_no_fault_of_the_document(files: list[str]) -> None:
    assert main(["diff", files[0], "http://127.0.0.1:1/x"]) == ExitCode.UNREACHABLE
    for url in ("http://", "http://127.0.0.1:99999/", "http://u:p@127.0.0.1/"):
        assert main(["diff", files[0], url]) in (ExitCode.UNREACHABLE, ExitCode.USAGE)
