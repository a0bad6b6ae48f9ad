"""A check that fails breaks off in the middle: the next run finds the server and its accounts as if it had not been."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pytest

from contracts.model.unpromised import UnpromisedError
from contracts.spec import load as load_spec
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import reach
from contracts.suite.api.suite_world import World
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation, Unchecked
from contracts.suite.plugin.registry import Check, load, require
from contracts.suite.world.suite_settings import settings

AUTH = {slug: check for slug, check in load().items() if check.family == "auth"}
ROLES = ("owner", "editor", "viewer", "ingest", "stranger")


@contextmanager
def run_against(url: str) -> Iterator[World]:
    """What one run of the suite sees of the target."""
    made = World(settings({"target": url}, {}), load_spec())
    try:
        yield made
    finally:
        made.close()


def breaking_off(world: World, check: Check, after: int) -> int:
    """Play the check (one of its tests) and end it with a violation after so many requests; how many it has sent."""
    sent = 0
    send = world.target.send

    def counted(*parts: Any, **named: Any) -> HttpAnswer:
        nonlocal sent
        answer = send(*parts, **named)
        sent += 1
        if sent == after:
            raise ContractViolation("another answer", answer.summary())
        return answer

    values = [None] if check.over is None else [*check.over][:1]
    with suppress(Unchecked, UnpromisedError, ContractViolation):
        require(world, check)
        world.accounts.session("owner")
        world.target.send = counted  # type: ignore[method-assign]
        check.function(Api(world, check.id), **({} if values[0] is None else {"value": values[0]}))
    world.target.send = send  # type: ignore[method-assign]
    return sent


@pytest.mark.parametrize("slug", AUTH)
def test_after_a_failed_check_the_next_run_starts_clean(slug: str, server: str) -> None:
    with run_against(server) as first:
        whole = breaking_off(first, AUTH[slug], 0)
    places = range(1, whole) if slug.startswith("auth.login") else {whole // 2, whole - 1} - {0, -1}
    for after in places:
        with run_against(server) as broken:
            breaking_off(broken, AUTH[slug], after)
        with run_against(server) as following:
            for role in ROLES:
                assert following.accounts.login(role).access, f"{role} after {after} of {whole} requests"
            api = Api(following, "smoke.reaches")
            for operation in ("refreshTokens", "getContentItems"):
                assert reach(api, operation).status == 200
