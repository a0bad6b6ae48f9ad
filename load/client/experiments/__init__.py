"""Named experiments on the guide's clients: each plays a persona against a server and says what it saw.

Every experiment runs against any server, in memory (`scripted.ScriptedServer`) or real (`driver.HttpWire`): it knows
it as a `Bench`. It gives a `Shown`, with a `contracts.run.ClientFinding` if the defect showed itself and None if not.

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
"""

from __future__ import annotations

from collections.abc import Callable

from load.client.experiments.bench import Bench, BenchError, Shown
from load.client.experiments.decode import decode
from load.client.experiments.duplicates import duplicates
from load.client.experiments.idle import idle
from load.client.experiments.logout import logout
from load.client.experiments.lost_refresh import lost_refresh
from load.client.experiments.metrics import metrics
from load.client.experiments.stale import stale
from load.client.experiments.warmed import warmed

__all__ = ["EXPERIMENTS", "Bench", "BenchError", "Shown"]

EXPERIMENTS: tuple[Callable[[Bench], Shown], ...] = (
    duplicates,
    logout,
    decode,
    stale,
    metrics,
    warmed,
    idle,
    lost_refresh,
)
