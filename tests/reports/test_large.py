"""A run of a million requests and twenty thousand cases is rendered in seconds and in the memory of a small machine."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from reports.archive import FORMATS
from tests.reports import large

SECONDS, MEBIBYTES = 5.0, 300


def test_all_formats_of_a_large_run(tmp_path: Path) -> None:
    whole, out = tmp_path / "run.json", tmp_path / "out"
    whole.write_text(large.run_of().model_dump_json())
    argv = [sys.executable, "-m", "reports", "render", str(whole), "--out", str(out)]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        said = process.stderr.read()
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    assert said == b"" and {file.name for file in out.iterdir()} == set(FORMATS)
    # Of the processor and not of the clock: the machine may have other work.
    assert used.ru_utime + used.ru_stime < SECONDS
    assert used.ru_maxrss / 1024 < MEBIBYTES
