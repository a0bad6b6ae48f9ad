"""A short load run in this process: the coordinator and one worker, as Locust would put them together."""

from typing import Any

import gevent

from contracts.run import Run
from contracts.spec import load
from load.results.run_outputs import Outputs
from load.runs.coordinator import Coordinator
from load.runs.load_worker import LoadWorker
from load.runs.run_config import RunConfig
from load.scenario_factory import allowed


def load_run(host: str, *, scenario: str = "smoke", rate: float = 80, seconds: float = 1.5) -> Run:
    """By the document that the environment names."""
    spec, workers = load(), dict[str, LoadWorker]()

    def tell(name: str, kind: str, data: dict[str, Any]) -> None:
        if kind == "prepare":
            workers[name] = LoadWorker(
                spec,
                RunConfig.read(data),
                say=lambda said, more: run.hear(name, said, more),
                report=lambda *_: None,
            )
            gevent.spawn(workers[name].prepare)
        elif kind == "clock":
            workers[name].tell_clock(data["asked"])
        elif kind == "go":
            gevent.spawn(workers[name].run_share, data["lead"])
        else:
            gevent.spawn(workers[name].finish)

    config = RunConfig(scenario=scenario, seed=1, host=host, rate=rate, seconds=seconds)
    run = Coordinator(
        spec, allowed(spec, config), tell=tell, gone=lambda _: False, outputs=Outputs(quiet=True)
    )
    run.execute(["one"])
    assert run.result is not None
    return run.result
