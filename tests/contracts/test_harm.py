"""Each check has a harm, each pattern of the table fits a check, and levels only ever let more block."""

from fnmatch import fnmatchcase

import pytest

from contracts.harm import LEVELS, NEVER_IN_BULK, TABLE, Harm, blocks, harm_of
from contracts.suite.plugin import registry

CHECKS = registry.load()
ELSEWHERE = ("objective", "compat.", "baseline.", "oauth.")
"""Of verdicts that the suite does not give."""


def test_no_pattern_is_a_slip_of_the_pen() -> None:
    idle = [p for p, _ in TABLE if not any(fnmatchcase(check, p) for check in CHECKS)]
    assert [pattern for pattern in idle if not pattern.startswith(ELSEWHERE)] == []


def test_all_harms_occur() -> None:
    assert {harm_of(check.id, check.source) for check in CHECKS.values()} == set(Harm)


@pytest.mark.parametrize("check", CHECKS.values(), ids=lambda check: check.id)
def test_a_higher_level_never_lets_less_block(check: registry.Check) -> None:
    harm = harm_of(check.id, check.source)
    told = [blocks(level, check.source, harm) for level in LEVELS]
    assert told == sorted(told) and told[-1]
    assert told[0] or harm not in NEVER_IN_BULK


def test_what_one_caller_may_not_do_of_anothers_is_never_accepted_in_bulk() -> None:
    """Workspaces (R22), permissions (R23), and the codes and tokens of the authorization code flow."""
    harmless = {
        "oauth.code-flow",
        "oauth.errors",
        "oauth.metadata",
        "oauth.refresh-rules",
        "oauth.unknown-parameters",
    }
    guarded = [
        check
        for check in CHECKS.values()
        if {"R22", "R23"} & set(check.source.split(", ")) or check.id.startswith("oauth.")
    ]
    found = {check.id for check in guarded if harm_of(check.id, check.source) not in NEVER_IN_BULK}
    assert found <= harmless, found - harmless
