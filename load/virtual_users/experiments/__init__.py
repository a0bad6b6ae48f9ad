"""Named experiments on the guide's clients: each drives a persona against a server and shows one defect.

An experiment runs against any server, in memory (`ScriptedServer`) or real (`HttpServerAdapter`), through an `ExperimentBench`.
Its `ExperimentResult` has a `contracts.run.ClientFinding` if the defect appeared.

| file | finding |
| --- | --- |
| duplicates.py | CF-3 retried creates |
| logout.py | CF-4 iOS logout |
| decode.py | CF-5 standard base64 |
| stale.py | CF-6 stale caches |
| metrics.py | CF-7 lost measurements |
| warmed.py | CF-12 warmed queries are never released |
| idle.py | CF-13 the monitor never rests |
| lost_refresh.py | CF-14 a lost refresh ends the session |
| early_replay.py | CF-16 a call that waits for a refresh is replayed with the old token |

experiment_bench is the server, the account and the clients of an experiment.
"""

from collections.abc import Callable

from load.virtual_users.experiments.decode import decode
from load.virtual_users.experiments.duplicates import duplicates
from load.virtual_users.experiments.early_replay import early_replay
from load.virtual_users.experiments.experiment_bench import BenchError, ExperimentBench, ExperimentResult
from load.virtual_users.experiments.idle import idle
from load.virtual_users.experiments.logout import logout
from load.virtual_users.experiments.lost_refresh import lost_refresh
from load.virtual_users.experiments.metrics import metrics
from load.virtual_users.experiments.stale import stale
from load.virtual_users.experiments.warmed import warmed

__all__ = ["EXPERIMENTS", "BenchError", "ExperimentBench", "ExperimentResult"]

EXPERIMENTS: tuple[Callable[[ExperimentBench], ExperimentResult], ...] = (
    duplicates,
    logout,
    decode,
    stale,
    metrics,
    warmed,
    idle,
    lost_refresh,
    early_replay,
)
