"""A run of a million requests and twenty thousand cases is rendered in the memory of a small machine.

How long that takes is `make bench`'s to say (`tests.bench.analysis.rendering`).
"""

from pathlib import Path

from reports.formats.archive import FORMATS
from tests.reports import large_run

MEBIBYTES = 300


def test_all_formats_of_a_large_run(tmp_path: Path) -> None:
    done = large_run.rendered(tmp_path)
    assert done.said == "" and done.files == set(FORMATS)
    assert done.mebibytes < MEBIBYTES
