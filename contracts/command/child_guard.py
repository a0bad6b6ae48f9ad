"""A guard process between a program and a command that it starts: if the program dies, the guard ends the command.

A program that is killed with SIGKILL cannot end its children, and a load generator or server that lives on disturbs the next run. The
program holds the write end of a pipe, which is the guard's standard input; the kernel closes it however the program ends. The whole
process group then gets SIGTERM and, GRACE seconds later, SIGKILL. Until then the guard forwards signals, and ends as the command ends:
with its exit code, or by its signal.

    subprocess.Popen(guarded(argv), stdin=subprocess.PIPE, start_new_session=True, …)

It runs as a script, without our packages and without `site`, so that it takes only 20 ms and 8 MB.
"""

import os
import signal
import sys
import threading
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import subprocess
    from typing import Any

GRACE = 3.0
TICK = 0.01
CANNOT_START = 127
AWAITED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGCHLD)
NO_INPUT = ((os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),)


def guarded(argv: list[str]) -> list[str]:
    """The command line that runs `argv` under a guard."""
    return [sys.executable, "-I", "-S", __file__, *argv]


def end(process: "subprocess.Popen[Any]", seconds: float) -> None:
    """End a guarded command with SIGTERM and, if it has not ended after `seconds`, its process group with SIGKILL."""
    if process.poll() is None:
        process.terminate()
        until = time.monotonic() + seconds
        while process.poll() is None and time.monotonic() < until:
            time.sleep(TICK)
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def main(argv: list[str]) -> int:
    if os.getpgrp() != os.getpid():
        os.setpgid(0, 0)
    # All signals stay blocked and are waited for: one that came just before a blocking `waitpid` would be handled after it.
    signal.signal(signal.SIGCHLD, lambda number, frame: None)
    signal.pthread_sigmask(signal.SIG_BLOCK, AWAITED)
    try:
        child = os.posix_spawnp(
            argv[0], argv, os.environ, file_actions=NO_INPUT, setsigmask=(), setsigdef=AWAITED
        )
    except OSError as error:
        os.write(2, f"{argv[0]}: {error.strerror}\n".encode())
        return CANNOT_START
    orphaned = threading.Event()
    threading.Thread(target=_watch, args=(orphaned,), daemon=True).start()
    status = _ended(child)
    if orphaned.is_set():
        # Processes that the command has started end, too.
        os.killpg(0, signal.SIGKILL)
    if os.WIFSIGNALED(status):
        ended_by = os.WTERMSIG(status)
        if ended_by != signal.SIGKILL:
            signal.signal(ended_by, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, AWAITED)
        os.kill(os.getpid(), ended_by)
    return os.waitstatus_to_exitcode(status)


def _ended(child: int) -> int:
    """The status with which the child has ended. Until then it gets the signals that come."""
    while True:
        number = signal.sigwait(AWAITED)
        if number != signal.SIGCHLD:
            os.kill(child, number)  # it is not reaped yet, so it is no other process
            continue
        pid, status = os.waitpid(child, os.WNOHANG)
        if pid:
            return status


def _watch(orphaned: threading.Event) -> None:
    while os.read(0, 64):
        pass
    orphaned.set()
    os.killpg(0, signal.SIGTERM)
    time.sleep(GRACE)
    os.killpg(0, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
