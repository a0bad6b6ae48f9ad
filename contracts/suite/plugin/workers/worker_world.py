"""The target as one of several processes sees it: opened when the first check needs it, counted and closed at the end."""

from typing import NamedTuple

import pytest

from contracts.spec import load
from contracts.suite.api.capabilities import NEEDS
from contracts.suite.api.suite_world import World
from contracts.suite.judging.recorder import Counted, RecordedFinding
from contracts.suite.plugin import options
from contracts.suite.world.suite_settings import Settings

WORLD = pytest.StashKey["WorkerWorld"]()


class Alone(NamedTuple):
    """The message to the last worker that no other runs any more, with the findings of all."""

    findings: list[RecordedFinding]


class WorkerWorld:
    """The `World` of one process, which is opened at first use; a forked worker inherits it from the controlling process."""

    def __init__(self, config: pytest.Config, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        self._earlier: list[RecordedFinding] = []
        self.world: World | None = None

    def open(self) -> World:
        """The open world. Raises Unreachable if there is no target."""
        if self.world is None:
            histories = options.histories(self._config)
            self.world = World(self._settings, load(), histories=histories)
            self.world.target.recorder.earlier = self._earlier
        return self.world

    def begin(self, name: str) -> None:
        """Start in a worker that was just forked. What the controlling process has learnt about a shared target is kept, and counted there."""
        if self.world is not None:
            self.world.begin(name)
            self.world.target.recorder.earlier = self._earlier

    def alone(self, message: Alone) -> None:
        self._earlier += message.findings
        if self.world is not None:
            self.world.alone()

    def waited(self) -> float:
        return self.world.target.recorder.waited if self.world else 0.0

    def took(self) -> list[float]:
        """The seconds of each request of the last check."""
        kept = self.world.target.recorder.kept if self.world else []
        return [(exchange.done - exchange.sent) / 1e9 for exchange in kept if exchange.answered]

    def counted(self) -> Counted | None:
        """The counts of this process and the capabilities of the target; None if no world was opened."""
        if self.world is None:
            return None
        known = {need: self.world.capabilities.known(need) for need in NEEDS}
        facts = {
            "base": self.world.target.base,
            "capabilities": {need: able for need, able in known.items() if able is not None},
        }
        return self.world.target.recorder.counted()._replace(facts=facts)

    def close(self) -> None:
        if self.world is not None:
            self.world.close()
