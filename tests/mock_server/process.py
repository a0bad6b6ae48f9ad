"""A reference server in a process of its own, on a free port, ended with the block that started it."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass
class Running:
    url: str
    process: subprocess.Popen[str]


@contextmanager
def running(*arguments: str) -> Iterator[Running]:
    command = [sys.executable, "-m", "mock_server", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            assert line.startswith("Tchat reference server: http://"), line
            yield Running(line.split()[3], process)
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            if process.stderr is not None:
                process.stderr.close()
