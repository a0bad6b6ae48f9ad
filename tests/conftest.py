"""What holds of every run of these tests: in how many processes, and no program is compiled twice.

`make test` says `--processes`; `python -m pytest` runs the same tests in one.
"""

from __future__ import annotations

import gc
import os
import sys

import pytest

from tests.processes import Processes


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--processes", type=int, default=1, help="processes that share the tests")


def pytest_configure(config: pytest.Config) -> None:
    """The tests start hundreds of programs. Where bytecode may not lie beside the sources (container images like to say so),
    each of them would compile itself anew, which takes longer than what it does; so it is kept in pytest's cache."""
    cache = getattr(config, "cache", None)
    if cache is not None and os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(cache.mkdir("bytecode"))
        sys.dont_write_bytecode = False
    gc.disable()
    if (count := config.getoption("--processes")) > 1:
        config.pluginmanager.register(Processes(count))


def pytest_collection_finish() -> None:
    """Six thousand tests and all imported modules stay to the end, so the collector need not walk over them again and again: that
    was a twelfth of the processor time of tests/contracts (18.9 s of user time against 17.4)."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
