"""The machine that a number was measured on, in one line, and its limit of open files."""

import os
import platform
import re
import resource
from pathlib import Path

from tests.bench.setting import Cores


def machine(cores: Cores) -> str:
    return f"{os.cpu_count()} x {_processor()}, {platform.system()} {platform.release()}, Python {platform.python_version()}; {cores.told}"


def _processor() -> str:
    try:
        found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text("utf-8"), re.M)
    except OSError:
        found = None
    return found[1].strip() if found else platform.processor() or platform.machine()


def raise_open_files() -> int:
    """As many as the system lets us; children inherit it. A socket is a file, and a bench opens thousands."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard
