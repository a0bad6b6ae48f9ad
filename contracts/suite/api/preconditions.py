"""The preconditions of a check: capabilities of the target, and promises of its document."""

from contracts.dialect.document_needs import missing
from contracts.model.unpromised import UnpromisedError
from contracts.suite.api.suite_world import World
from contracts.suite.contract_violation import Unchecked
from contracts.suite.plugin.registry import Check


def require(world: World, check: Check) -> None:
    """Raise UnpromisedError if the check is not applicable to the document, or Unchecked if the target lacks a capability."""
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
