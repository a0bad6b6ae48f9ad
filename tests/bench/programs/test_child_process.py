"""A child is ready when it answers, not when it listens; one that does not start is told in its own words."""

import sys
from pathlib import Path

import pytest

from tests.bench.programs.child_process import free_port, running
from tests.bench.programs.installed import Unmeasured

# Listens at once, and answers only after it has written down that it is ready.
LATE = """
import pathlib, socket, sys, time
with socket.create_server(("127.0.0.1", int(sys.argv[1]))) as listener:
    time.sleep(0.3)
    pathlib.Path(sys.argv[2]).touch()
    while True:
        one, _ = listener.accept()
        with one:
            one.recv(4096)
            one.sendall(b"HTTP/1.1 204 X\\r\\n\\r\\n")
"""


def test_it_is_ready_when_it_answers(tmp_path: Path) -> None:
    port, ready = free_port(), tmp_path / "ready"
    with running([sys.executable, "-c", LATE, str(port), str(ready)], port, tmp_path / "late.log") as child:
        assert ready.exists(), "listening was taken for answering"
        assert child.seconds >= 0.3
        assert child.port == port
        assert child.resident() > 0


def test_what_does_not_start_says_why(tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; sys.exit('no such world')"]
    with pytest.raises(Unmeasured, match=r"^broken does not start: no such world$"), \
            running(command, free_port(), tmp_path / "broken.log"):  # fmt: skip
        pass
