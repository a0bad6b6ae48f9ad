"""Power: each deviation that the mutating proxy can put between turns its named check red, and an honest proxy turns none."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from contracts.spec import load as load_spec
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import ContractViolation
from contracts.suite.plugin.registry import load
from contracts.suite.world.suite_settings import settings
from tests.suite.mutating_proxy import WRONGS, mutated

CHECKS = load()


@contextmanager
def _world(url: str) -> Iterator[World]:
    made = World(settings({"target": url}, {}), load_spec())
    try:
        yield made
    finally:
        made.target.connection.close()


def _run(world: World, name: str) -> None:
    slug, _, value = name.rstrip("]").partition("[")
    check = CHECKS[slug]
    world.target.recorder.start()
    api = Api(world, slug)
    check.function(api, value=value) if value else check.function(api)


@pytest.mark.parametrize("name", WRONGS)
def test_a_deviation_turns_its_check_red(server: str, name: str) -> None:
    _, check, *before = WRONGS[name]
    with mutated(server, name) as wrong, _world(wrong) as world:
        for slug in before:
            _run(world, slug)
        with pytest.raises(ContractViolation) as caught:
            _run(world, check)
    assert caught.value.expected and caught.value.got


def test_an_honest_proxy_turns_none_of_them_red(server: str) -> None:
    with mutated(server, "") as honest, _world(honest) as world:
        for slug in dict.fromkeys(slug for _, *slugs in WRONGS.values() for slug in reversed(slugs)):
            _run(world, slug)
