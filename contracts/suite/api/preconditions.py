"""Whether a check can be made of this target at all: what the target offers, and what its document promises."""

from contracts.dialect.document_needs import missing
from contracts.model.unpromised import UnpromisedError
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import Unchecked
from contracts.suite.plugin.registry import Check


def require(world: World, check: Check) -> None:
    """Unchecked where the target lacks what the check needs; UnpromisedError where it is not applicable."""
    if world.target.dialect is not None:
        for operation in check.operations:
            world.target.dialect.operation(operation)
        reason = missing(world.target.spec, check.requires)
        if reason:
            raise UnpromisedError(reason)
    for need in check.needs:
        reason = world.capabilities.missing(need)
        if reason:
            raise Unchecked(reason)
