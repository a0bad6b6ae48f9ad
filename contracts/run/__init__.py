"""The result of a run, in the JSON form that the suite and load tests write and reports read.

| file | content |
| --- | --- |
| result.py | `Run` and its parts, with parsing and merging |
| measurements.py | the measurements of a load run and of a reconnect run |
| run_origin.py | the document, the machine and the times of a run |
| values.py | the types of all fields: counts, time stamps, finite numbers |
| histogram.py | a mergeable latency histogram with a relative error below 0.1 % |
| bucket_counts.py | the counts of a histogram, in an array |
| latency_heat.py | the latency of each operation over time, in at most 60 windows |
| failure_groups.py | failed checks, grouped by cause |
| lanes.py | the calls of a concurrent history that the report draws |
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
    without_secrets,
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
    "without_secrets",
]
