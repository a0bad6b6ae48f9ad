"""What holds of every run of these tests: as many processes as there are cores, and no program is compiled twice.

`make test` says `-n auto`; `python -m pytest` runs the same tests in one process.
"""

from __future__ import annotations

import gc
import os
import sys
import tempfile

import pytest
from hypothesis import settings

MOST = 8
"""Processes; beyond these the longest test decides."""


def pytest_configure(config: pytest.Config) -> None:
    """The tests start hundreds of programs. Where bytecode may not lie beside the sources (container images like to say so),
    each of them would compile itself anew, which takes longer than what it does; so it is kept in pytest's cache. Hypothesis
    fails an example that takes 200 ms, which says more of the machine than of what is tested."""
    if sys.platform != "linux":
        # What they look at lies in /proc, and they share programs by sockets without a file.
        told = "our own tests need Linux; on another system run `make test` in a container"
        pytest.exit(told, returncode=64)
    settings.register_profile("tests", deadline=None)
    settings.load_profile("tests")
    cache = getattr(config, "cache", None)
    if cache is not None and os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        os.environ["PYTHONPYCACHEPREFIX"] = sys.pycache_prefix = str(cache.mkdir("bytecode"))
        sys.dont_write_bytecode = False
    gc.disable()


def pytest_collection_finish() -> None:
    """Six thousand tests and all imported modules stay to the end, so the collector need not walk over them again and again: that
    was a twelfth of the processor time of tests/contracts (18.9 s of user time against 17.4)."""
    gc.enable()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


@pytest.fixture(scope="session", autouse=True)
def temporary_files(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What our programs leave behind on purpose (the traceback of a bug) goes where pytest clears up."""
    os.environ["TMPDIR"] = tempfile.tempdir = str(tmp_path_factory.mktemp("temporary"))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int | None:
    """`-n auto`: one for each core that we may use, where xdist counts the physical ones (two of ours may share one)."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST)
