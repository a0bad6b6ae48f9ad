"""Commands of ours as real processes that need not import anything first: a server imports once, each command is a fork of it.

Eleven twelfths of the processor time of a Locust that only says what is wrong with an option are imports (1.6 s), the same each
time. A fork has a process group, signals, streams and an exit code of its own like any other; what a start alone costs or
shows is tested where the gate, the container and `python -m` start theirs. The processes of one run of the tests share these
servers, so that each kind is imported once in it and not once in each process.
"""

from __future__ import annotations

import array
import atexit
import contextlib
import gc
import hashlib
import importlib
import json
import os
import queue
import re
import runpy
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import NamedTuple

from contracts.suite.world.embedded_server import ITEMS, ORIGIN
from tests.waiting import HANG

ROOT = Path(__file__).resolve().parents[1]
RUN = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
"""A name that all processes of a run of the tests have from the one that they are forks of."""
LONGEST = 1 << 18
"""Bytes of a command with its environment."""


class ForkedCommand:
    """A running command, with the methods of `subprocess.Popen` that the tests use; its streams are read to their end."""

    def __init__(self, reply: int, streams: tuple[int, int]) -> None:
        self._reply = os.fdopen(reply)
        self.pid = int(self._reply.readline())
        self.returncode: int | None = None
        self._said = ["", ""]
        self._lines: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._readers = [
            threading.Thread(target=self._read, args=(number, stream), daemon=True)
            for number, stream in enumerate(streams)
        ]
        for reader in self._readers:
            reader.start()

    def _read(self, number: int, stream: int) -> None:
        with os.fdopen(stream, errors="replace") as source:
            for line in source:
                self._said[number] += line
                if number == 0:
                    self._lines.put(line)
        if number == 0:
            self._lines.put("")

    def line(self) -> str:
        """The next line of what it prints; empty at the end."""
        return self._lines.get(timeout=HANG)

    def communicate(self, timeout: float = HANG) -> tuple[str, str]:
        for reader in self._readers:
            reader.join(timeout)
            if reader.is_alive():
                os.killpg(self.pid, signal.SIGKILL)
                late = subprocess.TimeoutExpired(str(self.pid), timeout)
                late.add_note("".join(self._said))
                raise late
        self.wait()
        return self._said[0], self._said[1]

    def wait(self) -> int:
        if self.returncode is None:
            with self._reply:
                self.returncode = os.waitstatus_to_exitcode(int(self._reply.readline()))
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):  # it has ended by itself
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def completed(self) -> subprocess.CompletedProcess[str]:
        out, err = self.communicate()
        return subprocess.CompletedProcess(str(self.pid), self.wait(), out, err)


class ForkServer:
    """A process that has imported these modules, and forks for each command. It ends when nobody of this run holds its socket."""

    def __init__(self, *modules: str) -> None:
        digest = hashlib.sha256("\0".join((str(ROOT), RUN, *modules)).encode()).hexdigest()
        self._name = f"\0fork-server-{digest}"
        self._modules = modules
        self._process: subprocess.Popen[bytes] | None = None
        self._socket = self._connected()

    def _connected(self) -> socket.socket:
        """Whoever takes the name first starts the server; a server that is about to end says nothing, and gives the name back."""
        while True:
            with (
                socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET) as listener,
                contextlib.suppress(OSError),
            ):
                listener.bind(self._name)
                listener.listen(64)
                command = [sys.executable, "-m", "tests.fork_server", str(listener.fileno()), *self._modules]
                self._process = subprocess.Popen(command, cwd=ROOT, pass_fds=(listener.fileno(),))
            made = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, LONGEST)
            with contextlib.suppress(OSError):
                made.connect(self._name)
                if made.recv(1):
                    return made
            made.close()
            assert self._process is None, f"the fork server of {self._modules} ended at once"

    def start(
        self, module: str, *words: str, environment: Mapping[str, str] | None = None, folder: Path = ROOT
    ) -> ForkedCommand:
        """`python -m module words…` in a folder, in a session of its own."""
        pipes = [os.pipe() for _ in range(3)]
        kept = dict(os.environ if environment is None else environment)
        order = json.dumps([[module, *words], kept, str(folder)]).encode()
        socket.send_fds(self._socket, [order], [theirs for _, theirs in pipes])
        for _, theirs in pipes:
            os.close(theirs)
        (reply, _), (out, _), (err, _) = pipes
        return ForkedCommand(reply, (out, err))

    def stop(self) -> None:
        self._socket.close()
        if self._process is not None:
            self._process.wait(HANG)


CHECKS = [f"contracts.suite.checks.{path.stem}" for path in ROOT.glob("contracts/suite/checks/test_*.py")]
DOCUMENTS = ("contracts.spec.document:canonical", "contracts.spec.channel:load")
REFERENCE = ("mock_server.__main__", *DOCUMENTS, "mock_server.control.control_application:control_spec")
PROGRAMS: Mapping[str, tuple[str, ...]] = {
    "load.client": ("load.client", *DOCUMENTS),
    "load.realtime": ("load.realtime.__main__", *DOCUMENTS),
    "locust": (
        *("locust.main", "load.locust_run", "load.options", "load.results.live.live_pages", *DOCUMENTS),
        "inspect:stack",  # Locust asks who ended it, which looks once for the files of all modules
    ),
    "mock_server": REFERENCE,
    "pytest": (
        *("pytest", "contracts.suite.judging.request_oracle", "contracts.run.failure_groups"),
        *("contracts.suite.api.successful_requests", "contracts.suite.programs.race", *CHECKS),
        *(
            "contracts.conftest",
            "contracts.suite.plugin.pytest_plugin",
            "contracts.suite.plugin.terminal_summary",
        ),
        *(
            "multiprocessing.connection",
            "pdb",
            "unittest",
            "xml.etree.ElementTree",
        ),
    ),
    "reports": ("reports.cli", "reports.commands.gate_command", "reports.compat.diff_command", *DOCUMENTS),
    "schemathesis.cli": ("schemathesis.cli", *DOCUMENTS),
    "tests.load.realtime.api_server": REFERENCE,
}
"""What is imported before a fork becomes `python -m` the program, and called: our own document was a third of a short Locust run."""


@cache
def _fork_server(program: str) -> ForkServer:
    made = ForkServer(*PROGRAMS[program])
    atexit.register(made.stop)
    return made


def command(
    program: str, *words: str, environment: Mapping[str, str] | None = None, folder: Path = ROOT
) -> ForkedCommand:
    """`python -m program words…` in a folder, in a session of its own; the environment is that of the tests."""
    return _fork_server(program).start(program, *words, environment=environment, folder=folder)


@contextlib.contextmanager
def reference_server(*words: str) -> Iterator[ReferenceServer]:
    """`python -m mock_server` on a free port with these options, for as long as a block lasts."""
    process = command("mock_server", "--port", "0", *words)
    try:
        found = re.search(r"http://[\d.]+:(\d+)", process.line())
        assert found, "the reference server did not say where it is"
        yield ReferenceServer(found[0], int(found[1]), process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate()


def embedded_server(*words: str) -> contextlib.AbstractContextManager[ReferenceServer]:
    """The same with the world and the options that the suite gives its own server."""
    told = ("--seed", "1", "--items", str(ITEMS), "--check-answers", "--control", "--cors-origin", ORIGIN)
    return reference_server(*told, *words)


class ReferenceServer(NamedTuple):
    url: str
    port: int
    process: ForkedCommand


class Order(NamedTuple):
    words: list[str]
    environment: dict[str, str]
    folder: str
    descriptors: list[int]


def _orders(listener: socket.socket) -> Iterator[Order]:
    """What anybody asks for, until the last has left."""
    clients: dict[int, socket.socket] = {}
    size = socket.CMSG_SPACE(3 * array.array("i").itemsize)
    polled, plain = select.poll(), socket.socket
    polled.register(listener, select.POLLIN)
    yield Order([], {}, "", [])  # from here on, what is imported may have replaced sockets (gevent does)
    try:
        while True:
            for number, _ in polled.poll():
                if number == listener.fileno():
                    made = plain(
                        fileno=listener._accept()[0]
                    )  # accept() makes one of the class that stands there now
                    made.send(b".")
                    polled.register(made, select.POLLIN)
                    clients[made.fileno()] = made
                    continue
                order, passed, _, _ = clients[number].recvmsg(LONGEST, size)
                if order:
                    descriptors = array.array("i")
                    descriptors.frombytes(passed[0][2])
                    yield Order(*json.loads(order), descriptors.tolist())
                    continue
                polled.unregister(number)
                clients.pop(number).close()
                if not clients:
                    return
    finally:
        for one in (listener, *clients.values()):
            one.close()


def _serve(number: int, modules: list[str]) -> None:
    """Until nobody can ask any more. The calls are the interpreter's own: what is imported may replace them (gevent does)."""
    fork, waitpid, close, write = os.fork, os.waitpid, os.close, os.write
    orders = _orders(socket.socket(fileno=number))
    next(orders)
    for word in modules:
        module, _, function = word.partition(":")
        imported = importlib.import_module(module)
        if function:
            getattr(imported, function)()
    gc.collect()
    gc.freeze()  # no fork has to walk over, and so to copy, what all have in common: a third of what a short command takes
    for order in orders:
        reply, out, err = descriptors = order.descriptors
        with contextlib.suppress(ChildProcessError):
            while waitpid(-1, os.WNOHANG)[0]:  # ended, and nobody's any more
                pass
        if fork() == 0:
            break
        for descriptor in descriptors:
            close(descriptor)
    else:
        return
    orders.close()
    if pid := fork():
        # The parent of the command: it tells its number, waits, and tells how it ended.
        for descriptor in (out, err):
            close(descriptor)
        write(reply, b"%d\n" % pid)
        write(reply, b"%d\n" % waitpid(pid, 0)[1])
        os._exit(0)
    os.setsid()
    close(reply)
    for descriptor, standard in ((out, 1), (err, 2)):
        os.dup2(descriptor, standard)
        close(descriptor)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.SIG_DFL)  # ignored where the tests run under nohup
    os.chdir(order.folder)
    os.environ.clear()
    os.environ.update(order.environment)
    sys.path[1:1] = filter(None, order.environment.get("PYTHONPATH", "").split(os.pathsep))
    sys.argv = words = order.words
    sys.modules.pop(f"{words[0]}.__main__", None)  # runpy warns of what it finds there
    if words[0] in modules:
        sys.modules.pop(words[0], None)
    runpy.run_module(words[0], run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    _serve(int(sys.argv[1]), sys.argv[2:])
