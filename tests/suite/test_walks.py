"""Walks along links: a walk that Hypothesis cannot replay says nothing of the target, and another one is begun."""

from typing import Any

import pytest
from hypothesis.errors import FlakyStrategyDefinition

from contracts.spec import load as load_spec
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.checks import test_stateful
from contracts.suite.contract_violation import ContractViolation
from contracts.suite.schemathesis import link_walk
from contracts.suite.world.suite_settings import settings


@pytest.mark.parametrize(("flaky", "begun"), [(0, 1), (2, 3), (9, link_walk.ATTEMPTS)])
def test_a_walk_that_cannot_be_replayed_is_begun_anew(
    server: str, flaky: int, begun: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    seeds: list[int] = []

    def stopped(machine: Any, **_: Any) -> None:
        seeds.append(machine._hypothesis_internal_use_seed)
        if len(seeds) <= flaky:
            raise FlakyStrategyDefinition("the second run stopped drawing earlier")

    monkeypatch.setattr(link_walk, "run_state_machine_as_test", stopped)
    world = World(settings({"target": server}, {}, seed=7), load_spec())
    try:
        # What was seen counts, and here it was nothing at all.
        with pytest.raises(ContractViolation, match="none of 0 requests"):
            test_stateful.links(Api(world, "stateful.links"))
    finally:
        world.target.connection.close()
    assert seeds == [7, 8, 9][:begun]
