"""The scenario `reconnect` as a run: every reconnect policy through the outages, in the coordinating process.

It needs no load process: its clients are sockets in one event loop, and all of them have to be in the same storm.
The storms run in a greenlet of their own, so that a stop reaches them wherever they wait.
"""

import sys
from collections.abc import Callable, Sequence

import gevent

from contracts.command import outermost
from contracts.command.exit_code import ExitCode
from contracts.run import Run
from contracts.run.run_origin import spec_record
from contracts.spec import Spec
from contracts.verdict import Verdict
from load.http.target import Target
from load.proxy.process import ProxyError
from load.realtime.storm.storm_api import ApiError
from load.realtime.storm.storm_scenario import StopStorms, StormOptions, run_reconnect
from load.realtime.storm_table import summary
from load.results import run_builder
from load.results.run_outputs import Outputs
from load.runs.scenario_run import OURS, ScenarioRun, grade_of

Storms = Callable[..., Run]
"""`run_reconnect`, or what stands for it in a test."""


class ReconnectRun(ScenarioRun):
    def __init__(
        self, spec: Spec, target: Target, options: StormOptions, *, outputs: Outputs, storms: Storms = run_reconnect
    ) -> None:  # fmt: skip
        super().__init__(spec, outputs)
        self.target = target
        self.options = options
        self._storms = storms
        self._work: gevent.Greenlet[[], None] | None = None

    def execute(self, workers: Sequence[str]) -> None:
        self._work = gevent.spawn(self._run)
        self._work.join()
        self.line.clear()
        if self.result is None:  # stopped before its first step
            self._end(ExitCode.UNKNOWN, "stopped before the first storm")
        self.over.set()

    def finish(self) -> None:
        if self._work is not None and not self.over.is_set():
            self._work.kill(StopStorms, block=False)

    def _run(self) -> None:
        try:
            run = self._storms(self.spec, self.target, self.options, progress=self.line.show)
        except ApiError as error:
            self._end(error.code, str(error))
        except ProxyError as error:
            self._end(OURS, str(error))
        except StopStorms:
            return
        else:
            self.line.clear()
            outermost.say(summary(run))
            self.save(run.model_copy(update={"spec": spec_record(self.spec)}), run_builder.EXIT[run.grade])

    def _end(self, code: int, line: str) -> None:
        """End a run that could not be: print one line, and save a result with one verdict."""
        self.line.clear()
        print(line, file=sys.stderr)
        now = run_builder.now()
        verdict = Verdict(check="reconnect.run", grade=grade_of(code), reason=line)
        run = run_builder.run(
            self.spec, began=now, ended=now, target=self.target.url, seed=self.options.seed,
            command=self.options.command, loads=(), verdicts=(verdict,),
        )  # fmt: skip
        self.save(run, code)
