"""The result of a run, in the one JSON form that suite and load write and reports read.

| file | content |
| --- | --- |
| result.py | `Run` and its parts; reading, merging |
| measurements.py | what a load run and a reconnect run measured |
| run_origin.py | document, machine and times of a run |
| values.py | counts, stamps and finite numbers: what every field of a file must be |
| histogram.py | latencies counted in buckets of 0.1 %, mergeable |
| bucket_counts.py | the counts of a histogram in an array |
| latency_heat.py | latency of each operation over time, in at most 60 windows |
| failure_groups.py | failures with one cause, as one line |
| lanes.py | the calls of a concurrent history that a picture needs |
"""

from contracts.run.measurements import (
    Generator,
    LoadResult,
    OperationLoad,
    PackedHistogram,
    ReconnectResult,
    VerdictRecord,
    Window,
)
from contracts.run.result import (
    CheckResult,
    ClientFinding,
    CoverageCell,
    Environment,
    NotApplicable,
    Offence,
    PartRecord,
    Run,
    RunError,
    SpecRecord,
    merge,
    parse,
)

__all__ = [
    "CheckResult",
    "ClientFinding",
    "CoverageCell",
    "Environment",
    "Generator",
    "LoadResult",
    "NotApplicable",
    "Offence",
    "OperationLoad",
    "PackedHistogram",
    "PartRecord",
    "ReconnectResult",
    "Run",
    "RunError",
    "SpecRecord",
    "VerdictRecord",
    "Window",
    "merge",
    "parse",
]
