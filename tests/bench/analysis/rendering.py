"""The report of a run as large as a nightly one, in all formats: how long, and how much memory."""

import statistics

from tests.bench.result import Limit, Result, Row
from tests.bench.setting import Setting
from tests.reports import large_run

SECONDS, MEBIBYTES = 5.0, 300.0


def rendering(setting: Setting) -> Result:
    """Seconds and memory of `reports render` for 1,000,000 requests and 20,000 checks."""
    found = []
    for turn in range(setting.rounds):
        setting.say(f"rendering: {turn + 1} of {setting.rounds}")
        folder = setting.folder / f"rendering-{turn}"
        folder.mkdir()
        found.append(large_run.rendered(folder))
    seconds, peaks = [one.seconds for one in found], [one.mebibytes for one in found]
    rows = [
        Row("all formats", statistics.median(seconds), "s", None, Limit("at most", SECONDS), (min(seconds), max(seconds))),
        Row("resident at the most", max(peaks), "MiB", None, Limit("at most", MEBIBYTES)),
    ]  # fmt: skip
    about = "`python -m reports render` of a run of 1,000,000 requests and 20,000 checks, one in a hundred red; start included."
    return Result("Rendering", about, rows)
