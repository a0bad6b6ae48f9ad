"""The table of sizes in README.md says what the tests draw."""

import os
from pathlib import Path

from tests.mock_server.test_rubbish import REQUESTS
from tests.mutations import COUNT
from tests.reports.compat.test_diff_robustness import MUTATIONS
from tests.reports.compat.test_oasdiff import CASES
from tests.reports.compat.test_soundness import PAIRS

SIZES = {
    "documents with wrong values": COUNT,
    "documents with wrong characters": COUNT // 2,
    "overlays": COUNT,
    "runs, baselines, policies, each": COUNT,
    "runs that are shown as well": COUNT // 6,
    "histories, access logs and HAR files, each": COUNT,
    "policies that decide, scenario files, each": COUNT,
    "documents for `reports diff`, spoilt": MUTATIONS,
    "pairs of schemas, the validator as oracle, in each of two properties": PAIRS,
    "spoilt requests to the reference server": REQUESTS,
}


def test_the_table_of_sizes_is_true() -> None:
    told = Path(__file__).with_name("README.md").read_text("utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in told.splitlines() if line[:1] == "|"]
    small = {"TCHAT_MUTATIONS", "TCHAT_FUZZ"}.isdisjoint(os.environ)
    found = {row[0]: row[2] for row in rows if len(row) == 6 and row[0] in SIZES}
    assert found.keys() == SIZES.keys()
    assert not small or found == {name: f"{size:,}" for name, size in SIZES.items()}
    differ = sum(not case.agrees for case in CASES)
    assert f"{len(CASES)}, of which {len(CASES) - differ} have the same verdict, {differ} another one" in told
