"""A command under a guard ends when its parent dies, with all that it started; and else as it would end alone."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from contracts.command.child_guard import guarded
from tests.waiting import HANG

FAMILY = """
import os, subprocess, sys, time
grandchild = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
print(os.getpid(), grandchild.pid, flush=True)
time.sleep(600)
"""
PARENT = f"""
import subprocess, sys, time
from contracts.command.child_guard import guarded
child = subprocess.Popen(guarded([sys.executable, "-c", {FAMILY!r}]), stdin=subprocess.PIPE, start_new_session=True)
time.sleep(600)
"""


def running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="looks for processes in /proc")
def test_kill_9_of_the_parent_ends_the_whole_family() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    family = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(family) == 2 and all(map(running, family))
    parent.kill()
    parent.wait()
    parent.stdout.close()
    ends = time.monotonic() + HANG
    while any(map(running, family)) and time.monotonic() < ends:
        time.sleep(0.02)
    assert not any(map(running, family))


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param("raise SystemExit(7)", 7, id="a code"),
        pytest.param("pass", 0, id="no error"),
        pytest.param("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL, id="killed"),
        pytest.param("import os; os.kill(os.getpid(), 15)", -signal.SIGTERM, id="terminated"),
    ],
)
def test_it_ends_as_its_command_ends(script: str, code: int) -> None:
    with subprocess.Popen(
        guarded([sys.executable, "-c", script]), stdin=subprocess.PIPE, start_new_session=True
    ) as made:
        assert made.wait(HANG) == code  # fmt: skip


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_passes_signals_on(number: signal.Signals) -> None:
    script = (
        "import signal, sys, time\n"
        f"signal.signal({int(number)}, lambda *_: sys.exit(42))\n"
        "print('ready', flush=True)\n"
        "while True: time.sleep(0.01)"  # Python 3.14 loses a signal that comes just before a long sleep
    )
    argv = guarded([sys.executable, "-c", script])
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    ) as made:
        assert made.stdout is not None and made.stdout.readline() == "ready\n"
        os.kill(made.pid, number)
        assert made.wait(HANG) == 42


def test_a_command_that_does_not_exist() -> None:
    argv = guarded(["/nowhere/at/all"])
    with subprocess.Popen(
        argv, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    ) as made:
        assert made.wait(HANG) == 127
        assert made.stderr is not None and "No such file" in made.stderr.read()
