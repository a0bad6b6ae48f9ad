"""The optional control interface of a target: only its clock and sessions are used."""

from __future__ import annotations

from contracts.suite.world import World


def find(world: World) -> None:
    return None
