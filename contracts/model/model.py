"""`Model`, which takes a request with its answer and returns the disagreements.

It keeps all worlds that the answers so far allow. There is one world until an answer is lost: then the request may have been executed,
may still be executed, or never will be, and each later answer excludes the worlds that it contradicts. If none is left, model and
server disagree; the disagreement of the closest world is reported, and `alternatives` has those of all.

No waiting time proves that an unanswered request will never be executed. It stays pending until an answer shows its effect, or until it
can have none (an update after its version is past, a create after its key is used).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from contracts.model import partial_knowledge, reads, writes
from contracts.model.allowed_outcome import AllowedOutcome, on_item
from contracts.model.messages import (
    PERMISSIONS,
    WRITES,
    Disagreement,
    Request,
    Response,
    UndecidedError,
    refusal,
)
from contracts.model.unknown import MismatchError, shown, unify
from contracts.model.unpromised import UnpromisedError
from contracts.model.workspace import Workspace, bind

MOST_WORLDS = 256
# Statuses that may come at any point, and mean that nothing was changed.
HELD_OFF = frozenset({429, 503})

Rule = Callable[[Workspace, Request, "Response | None"], Iterator[AllowedOutcome]]
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "getContentItems": reads.get_items,
        "getContentItem": on_item(reads.get_item),
        "getContentByCategory": reads.get_by_category,
        "getContentCategories": reads.get_categories,
        "getContentVersions": on_item(reads.get_versions),
        "syncContent": reads.sync,
        "createContentItem": writes.create,
        "updateContentItem": on_item(writes.update),
        "publishContent": on_item(writes.publish),
        "archiveContent": on_item(writes.archive),
        "bulkUpdateContent": writes.bulk,
        "revertContentVersion": on_item(writes.revert),
    }
)


def outcomes(space: Workspace, request: Request, response: Response | None) -> Iterator[AllowedOutcome]:
    """All outcomes that a correct server may give this request in this world."""
    if PERMISSIONS[request.operation] not in request.caller.permissions:
        yield AllowedOutcome(space, refusal(403, "FORBIDDEN"))
    elif not request.valid and not request.path:
        # An unknown id in the path (404) precedes 400, so rules with a path judge `valid` themselves.
        yield AllowedOutcome(space, refusal(400, "VALIDATION_FAILED"))
    else:
        yield from RULES[request.operation](space, request, response)


class Alternative(NamedTuple):
    """The disagreement of one possible world with an answer. `taken` are the unanswered writes that were executed in it."""

    complaint: Disagreement
    taken: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """The reference model, an immutable value: `step` returns a new one. `undecided` has a reason for each answer that could not be
    judged."""

    worlds: Mapping[str, tuple[Workspace, ...]] = field(default_factory=dict)
    undecided: tuple[str, ...] = ()

    @classmethod
    def of(cls, spaces: Mapping[str, Workspace]) -> Model:
        """A model of existing workspaces (see `adopt`); all others are empty."""
        return cls({name: (space,) for name, space in spaces.items()})

    def possible(self, workspace: str) -> tuple[Workspace, ...]:
        """The worlds of one workspace that no answer has contradicted."""
        return self.worlds.get(workspace, (Workspace(),))

    def step(self, request: Request, response: Response | None) -> tuple[Model, tuple[Disagreement, ...]]:
        """The model after one request and its answer, and the disagreements. No response (None) and a 500 leave open whether the request
        was executed. After a disagreement the model is the same as before.
        """
        name = request.caller.workspace
        before = self.possible(name)
        if response is None or response.status == 500:
            return self._with(name, [_in_limbo(space, request) for space in before]), ()
        if response.status in HELD_OFF:
            return self, ()
        after: list[Workspace] = []
        complaints: list[Disagreement] = []
        try:
            for _, judged in self._judged(request, response):
                if isinstance(judged, Workspace):
                    after.append(judged)
                else:
                    complaints.append(judged)
        except UnpromisedError as reason:
            if request.operation in WRITES:
                return replace(self, undecided=(*self.undecided, f"{request.operation}: {reason}")), ()
            return self, ()
        except UndecidedError as reason:
            # Like an unanswered request, one that was not judged may have been executed.
            unjudged = self._with(name, [_in_limbo(space, request) for space in before])
            return replace(unjudged, undecided=(*self.undecided, f"{request.operation}: {reason}")), ()
        if after:
            return self._with(name, after), ()
        # The deepest place shows which expectation agrees longest with the answer.
        return self, (max(complaints, key=lambda each: (each.place != "status", each.place.count("/"))),)

    def alternatives(self, request: Request, response: Response) -> tuple[Alternative, ...]:
        """The disagreement of every possible world with an answer that none of them allows."""
        return tuple(
            Alternative(judged, late.taken)
            for late, judged in self._judged(request, response)
            if isinstance(judged, Disagreement)
        )

    def _judged(
        self, request: Request, response: Response
    ) -> Iterator[tuple[Workspace, Workspace | Disagreement]]:
        """Each world in which the request may have arrived, with each world or disagreement that the answer then leads to."""
        name = request.caller.workspace
        elsewhere = self._ids_elsewhere(name)
        for late in _all_late(self.possible(name)):
            for judged in _judge(late, request, response, elsewhere):
                yield late, judged

    def settle(self) -> Model:
        """The model once no unanswered request can be executed any more (the connection is closed and the server idle). Raises
        UndecidedError if there are more than MOST_WORLDS possible worlds.
        """
        settled = self
        for name, spaces in self.worlds.items():
            settled = settled._with(name, [replace(late, limbo=()) for late in _all_late(spaces)])
        return settled

    def _with(self, name: str, spaces: Iterable[Workspace]) -> Model:
        distinct: list[Workspace] = []
        for space in map(_without_void, spaces):
            if space not in distinct:
                distinct.append(space)
        return replace(self, worlds={**self.worlds, name: tuple(distinct)})

    def _ids_elsewhere(self, name: str) -> frozenset[str]:
        others = [space for other, spaces in self.worlds.items() if other != name for space in spaces]
        return frozenset(i for space in others for i in space.ids())


def _in_limbo(space: Workspace, request: Request) -> Workspace:
    return replace(space, limbo=(*space.limbo, request)) if request.operation in WRITES else space


def _without_void(space: Workspace) -> Workspace:
    """The world without pending writes that can no longer have an effect, so that they create no further worlds."""
    left = tuple(request for request in space.limbo if not _is_void(space, request))
    return space if len(left) == len(space.limbo) else replace(space, limbo=left)


def _is_void(space: Workspace, request: Request) -> bool:
    if not request.valid or PERMISSIONS[request.operation] not in request.caller.permissions:
        return True
    if request.operation == "createContentItem":
        return (request.caller.user, request.headers.get("idempotency-key", "")) in space.kept
    if request.operation == "updateContentItem":
        named = [item for item in space.items if space.id_of(item) == request.path["id"]]
        return any(item.now.number > request.body["version"] for item in named)
    return False


def _all_late(spaces: Iterable[Workspace]) -> Iterator[Workspace]:
    lates = itertools.chain.from_iterable(map(_late, spaces))
    for number, late in enumerate(lates):
        if number == MOST_WORLDS:
            raise UndecidedError(
                f"more than {MOST_WORLDS} worlds are possible: too many answers were lost at once"
            )
        yield late


def _late(space: Workspace) -> Iterator[Workspace]:
    """The world itself, and the worlds after each selection and order of its pending writes."""
    yield space
    for place, request in enumerate(space.limbo):
        without = replace(space, limbo=(*space.limbo[:place], *space.limbo[place + 1 :]))
        for outcome in outcomes(without, request, None):
            # A refusal, or a repetition without effect, leaves nothing that an answer could show.
            if outcome.space.stamps != space.stamps:
                yield from _late(replace(outcome.space, taken=(*space.taken, request)))


def _judge(
    space: Workspace, request: Request, response: Response, elsewhere: frozenset[str]
) -> list[Workspace | Disagreement]:
    """For each outcome, the world that the answer leads to, or the first difference."""
    if space.partial:
        special = partial_knowledge.judge(space, request, response)
        if special is not None:
            return list(special)
    return [_agree(outcome, response, elsewhere) for outcome in outcomes(space, request, response)]


def _agree(
    outcome: AllowedOutcome, response: Response, elsewhere: frozenset[str]
) -> Workspace | Disagreement:
    space, answer = outcome.space, outcome.answer
    if response.status != answer.status:
        excerpt = shown(answer.body) if answer.status >= 400 else ""
        return Disagreement("status", f"{answer.status} {excerpt}".strip(), _status_and_code(response))
    try:
        bindings = unify(
            {"headers": answer.headers, "body": answer.body},
            {"headers": {n: response.headers.get(n) for n in answer.headers}, "body": response.body},
            space.known,
        )
    except MismatchError as mismatch:
        return Disagreement(mismatch.place, mismatch.expected, mismatch.got)
    new = [value for unknown, value in bindings.items() if unknown.kind == "item"]
    if any(value in elsewhere for value in new):
        return Disagreement("law: ids are fresh", "an id that no other workspace has", shown(new))
    return bind(space, bindings)


def _status_and_code(response: Response) -> str:
    code = response.body.get("code") if isinstance(response.body, dict) else None
    return f"{response.status} {code}" if isinstance(code, str) else str(response.status)
