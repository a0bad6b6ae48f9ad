"""Tokens that expire while the suite waits, on a target whose clock it cannot move."""

import json
from pathlib import Path

import pytest

from contracts.spec import load as load_spec
from contracts.suite.api import session_probes
from contracts.suite.api.api import Api
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import OBSERVED, ContractViolation, Unchecked
from contracts.suite.plugin.registry import load, require
from contracts.suite.world.control import ControlInterface, find
from contracts.suite.world.suite_settings import settings
from tests.fork_server import embedded_server
from tests.suite.foreign.test_habits_of_frameworks import silent

CHECKS = load()
TIME = {"budget": "3h"}
"""Of which a check may wait for a tenth, and a token lives 15 minutes."""


def _control(url: str) -> ControlInterface:
    world = World(settings({"target": url}, {}), load_spec())
    found = find(world.target, world.accounts)
    assert found is not None
    return found


@pytest.mark.parametrize("slug", ["auth.expiry", "auth.expired-everywhere", "realtime.expired-refused"])
@pytest.mark.parametrize("fault", ["", "expiry-unchecked"])
def test_the_end_of_a_token_is_waited_for(slug: str, fault: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with embedded_server() as server:
        control = _control(server.url)
        monkeypatch.setattr(session_probes.time, "sleep", control.advance)
        world = World(settings({"target": server.url, "control": "off", **TIME}, {}), load_spec())
        require(world, CHECKS[slug])
        control.request("PUT", "/faults", {"faults": [fault] if fault else []}).must(200)
        OBSERVED.begin()
        if fault:
            with pytest.raises(ContractViolation):
                CHECKS[slug].function(Api(world, slug))
        else:
            CHECKS[slug].function(Api(world, slug))
        world.close()


@pytest.mark.parametrize(("leeway", "unchecked"), [(None, True), (60, False)])
def test_a_leeway_of_which_no_document_speaks_is_no_failure(
    leeway: int | None, unchecked: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """RFC 7519 (4.1.4) allows one, and Spring's decoder has 60 s; a token that never expires fails where the leeway is known."""
    theirs = silent() | ({} if leeway is None else {"x-dialect": {"tokens": {"leeway": leeway}}})
    path = tmp_path / "theirs.json"
    path.write_text(json.dumps(theirs))
    waited: list[float] = []
    monkeypatch.setattr(session_probes.time, "sleep", waited.append)
    with embedded_server() as server:
        _control(server.url).request("PUT", "/faults", {"faults": ["expiry-unchecked"]}).must(200)
        world = World(settings({"target": server.url, "control": "off", **TIME}, {}), load_spec(path))
        require(world, CHECKS["auth.expired-everywhere"])
        with pytest.raises(
            Unchecked if unchecked else ContractViolation, match="leeway" if unchecked else "expected"
        ):
            CHECKS["auth.expired-everywhere"].function(Api(world, "auth.expired-everywhere"))
        world.close()
    assert round(max(waited) - 900, -1) == (leeway or 0)
