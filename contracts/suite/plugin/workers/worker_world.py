"""One process's view of the target among several: made when its first check asks for it, counted up and closed at its end."""

from typing import NamedTuple

import pytest

from contracts.spec import load
from contracts.suite.api.suite_world import World
from contracts.suite.judging.recorder import Counted, RecordedFinding
from contracts.suite.plugin import options
from contracts.suite.world.suite_settings import Settings

NEEDS = ("write", "editor", "viewer", "ingest", "stranger", "origin", "realtime", "control")
"""What a run tells of its target."""


WORLD = pytest.StashKey["WorkerWorld"]()


class Alone(NamedTuple):
    """Told to the last worker: no other runs any more, and this is what they have found."""

    findings: list[RecordedFinding]


class WorkerWorld:
    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        self._earlier: list[RecordedFinding] = []
        self.world: World | None = None

    def open(self) -> World:
        """Unreachable where there is no target."""
        if self.world is None:
            histories = options.histories(self._config)
            self.world = World(self._settings, load(), histories=histories)
            self.world.target.recorder.earlier = self._earlier
        return self.world

    def begin(self, name: str) -> None:
        """In a worker just forked. What the pytest process had found out of a shared target is known here too, and counted there."""
        if self.world is not None:
            self.world.begin(name)

    def alone(self, told: Alone) -> None:
        self._earlier += told.findings
        if self.world is not None:
            self.world.alone()

    def waited(self) -> float:
        return self.world.target.recorder.waited if self.world else 0.0

    def counted(self) -> Counted | None:
        """What was counted, and what was found out of the target."""
        if self.world is None:
            return None
        known = {need: self.world.capabilities.known(need) for need in NEEDS}
        facts = {
            "base": self.world.target.base,
            "capabilities": {need: able for need, able in known.items() if able is not None},
        }
        return self.world.target.recorder.counted()._replace(facts=facts)

    def close(self) -> Counted | None:
        if self.world is not None:
            self.world.close()
        return self.counted()
