"""The outermost exception handler of a command: every error becomes one line and an exit code.

Exit code 1 means that the target failed, but Python also exits with 1 for an uncaught exception. So no exception may leave a command:
`Stop` is a mistake of the user, and every other exception is a bug of the harness, 70, with its traceback in a file. SIGTERM and SIGHUP
end a command as SIGINT does, so that it can save its results.
"""

import errno
import os
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from contracts.command.exit_code import ExitCode, Stop
from contracts.command.redaction import redacted

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
REPORT = "please report it with that file and the command to the maintainers of the harness"


def run(program: str, command: Callable[[], int], secrets: Callable[[], Iterable[str]] = tuple) -> int:
    """Run a command and return its exit code. `program` begins each line; `secrets` are removed from messages."""
    tolerant_output()
    try:
        with _ends_heard():
            return int(command())
    except Stop as stop:
        print_line(program, stop.line)
        return stop.code
    except KeyboardInterrupt:
        print_line(program, "interrupted before it had a result")
        return ExitCode.UNKNOWN
    except BrokenPipeError:
        discard_output()
        return ExitCode.INTERNAL
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL and not error.filename:
            discard_output()
            print_line(program, f"the output cannot be written: {error.strerror}")
            return ExitCode.INTERNAL
        print_line(program, bug_line(error, secrets()))
        return ExitCode.INTERNAL


@contextmanager
def _ends_heard() -> Iterator[None]:
    """Let SIGTERM and SIGHUP raise KeyboardInterrupt during the block, unless they are handled or ignored (nohup) already."""
    numbers = [signal.SIGTERM, signal.SIGHUP] if threading.current_thread() is threading.main_thread() else []
    unheard = [number for number in numbers if signal.getsignal(number) is signal.SIG_DFL]
    for number in unheard:
        signal.signal(number, signal.default_int_handler)
    try:
        yield
    finally:
        for number in unheard:
            signal.signal(number, signal.SIG_DFL)


def tolerant_output() -> None:
    """Make standard output and error accept every text: characters unknown to the terminal's encoding are escaped, and a closed stream
    (`>&-`) is replaced by the null device."""
    sys.stdout = sys.stdout or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    sys.stderr = sys.stderr or open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None and not str(getattr(stream, "encoding", "")).lower().startswith("utf"):
            reconfigure(errors="backslashreplace")


@contextmanager
def output_may_fail() -> Iterator[None]:
    """A block whose output may be lost: that nobody reads it any more (`| head`), or that the disk is full, changes no exit code."""
    try:
        yield
        print(end="", flush=True)
    except OSError:
        discard_output()


@output_may_fail()
def say(text: str) -> None:
    print(text)


class UnfailingOutput:
    """Standard output for a library that lets an error of it out, which would end a run with 1: that nobody reads any more, or that a disk
    is full, is no failure of the target. What cannot be written is dropped."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    def write(self, text: str) -> int:
        with self._unfailing():
            self.stream.write(text)
        return len(text)

    def flush(self) -> None:
        with self._unfailing():
            self.stream.flush()

    @contextmanager
    def _unfailing(self) -> Iterator[None]:
        try:
            yield
        except OSError:
            discard_output(self.stream)
            self.stream.flush()  # its buffer still has what could not be written

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def discard_output(stream: TextIO | None = None) -> None:
    """Redirect standard output, which cannot be written, to the null device, so that the flush at exit raises no second error."""
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, (stream or sys.stdout).fileno())
    os.close(null)


def print_line(program: str, line: str) -> None:
    """Print one line to standard error. If that is closed, the exit code stays the same."""
    try:
        print(f"{program}: {' '.join(line.split())}", file=sys.stderr, flush=True)
    except (OSError, ValueError):
        return


def bug_line(error: Exception, secrets: Iterable[str]) -> str:
    """The message about an exception that is our own fault, without secrets; its traceback goes to a file."""
    hidden = tuple(secrets)
    last = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(last.filename).name}:{last.lineno}"
    kept = _kept("".join(traceback.format_exception(error)), hidden)
    words = " ".join(str(error).split())[:200]
    line = (
        f"a bug of the harness, not of the target: {type(error).__name__}: {words} at {place}; {kept}{REPORT}"
    )
    return redacted(line, hidden)


def _kept(text: str, secrets: Iterable[str]) -> str:
    """A sentence with the file of the traceback, which only its owner can read; empty if it cannot be written."""
    try:
        with tempfile.NamedTemporaryFile(
            "w", prefix="tchat-harness-", suffix=".log", delete=False, encoding="utf-8"
        ) as file:
            file.write(redacted(text, secrets))
    except OSError:
        return ""
    return f"the traceback is in {file.name}; "
