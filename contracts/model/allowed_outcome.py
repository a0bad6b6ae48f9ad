"""`AllowedOutcome`, an answer that a correct server may give, and `on_item`, the errors that all operations on one item share."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from contracts.model.messages import INVALID, NOT_FOUND, ExpectedResponse, Request, Response
from contracts.model.workspace import Workspace, identify


@dataclass(frozen=True, slots=True)
class AllowedOutcome:
    """An answer that a correct server may give, and the workspace afterwards."""

    space: Workspace
    answer: ExpectedResponse


ItemRule = Callable[[Workspace, int, Request], Iterator[AllowedOutcome]]


def on_item(rule: ItemRule) -> Callable[[Workspace, Request, Response | None], Iterator[AllowedOutcome]]:
    """The rule of an operation on one item: 404 for an id that names nothing, then 400, then `rule` with the item's index."""

    def found(space: Workspace, request: Request, response: Response | None) -> Iterator[AllowedOutcome]:
        for world, index in identify(space, request.path["id"]):
            if index is None:
                yield AllowedOutcome(world, NOT_FOUND)
            elif not request.valid:
                yield AllowedOutcome(world, INVALID)
            else:
                yield from rule(world, index, request)

    return found
