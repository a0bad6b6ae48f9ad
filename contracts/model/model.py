"""The model as a machine: a request and its answer go in, disagreements come out.

It holds all worlds that the answers so far allow. There is one, until an answer is lost: then the request has happened or
not, or may still happen, and each later answer strikes out the worlds that it contradicts. Where none is left, model and
server disagree; the disagreement of the world that came closest is told, and `alternatives` has those of all.

No time is long enough to say that a request without an answer will not happen any more: it leaves the limbo only when it has
been seen to have happened, or when it has become void (an update once its version is past, a create once its key is kept).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import NamedTuple

from contracts.model import partial_knowledge, reads, writes
from contracts.model.messages import (
    PERMISSIONS,
    WRITES,
    Disagreement,
    Request,
    Response,
    UndecidedError,
    refusal,
)
from contracts.model.reads import AllowedOutcome
from contracts.model.unknown import MismatchError, shown, unify
from contracts.model.unpromised import UnpromisedError
from contracts.model.workspace import Workspace, bind

MOST_WORLDS = 256
# They may come at any point, and mean that nothing was changed.
HELD_OFF = frozenset({429, 503})

Rule = Callable[[Workspace, Request, "Response | None"], Iterator[AllowedOutcome]]
RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "getContentItems": reads.get_items,
        "getContentItem": reads.get_item,
        "getContentByCategory": reads.get_by_category,
        "getContentCategories": reads.get_categories,
        "getContentVersions": reads.get_versions,
        "syncContent": reads.sync,
        "createContentItem": writes.create,
        "updateContentItem": writes.on_item(writes.update),
        "publishContent": writes.on_item(writes.publish),
        "archiveContent": writes.on_item(writes.archive),
        "bulkUpdateContent": writes.bulk,
        "revertContentVersion": writes.on_item(writes.revert),
    }
)
# In the order of judgement an id in the path comes before 400, so these judge `valid` themselves.
BY_ID = frozenset(
    {
        "getContentItem",
        "getContentVersions",
        "getContentByCategory",
        "updateContentItem",
        "publishContent",
        "archiveContent",
        "revertContentVersion",
    }
)


def outcomes(space: Workspace, request: Request, response: Response | None) -> Iterator[AllowedOutcome]:
    """Everything that a correct server may do with this request in this world."""
    if PERMISSIONS[request.operation] not in request.caller.permissions:
        yield AllowedOutcome(space, refusal(403, "FORBIDDEN"))
    elif not request.valid and request.operation not in BY_ID:
        yield AllowedOutcome(space, refusal(400, "VALIDATION_FAILED"))
    else:
        yield from RULES[request.operation](space, request, response)


class Alternative(NamedTuple):
    """One possible world and what it holds against an answer. `taken`: the
    writes without an answer that have happened in it."""

    complaint: Disagreement
    taken: tuple[Request, ...]


@dataclass(frozen=True, slots=True)
class Model:
    """The reference model, a value: `step` gives a new one. `undecided` counts the answers that could not be judged, with
    reasons."""

    worlds: Mapping[str, tuple[Workspace, ...]] = field(default_factory=dict)
    undecided: tuple[str, ...] = ()

    @classmethod
    def of(cls, spaces: Mapping[str, Workspace]) -> Model:
        """A model of workspaces that are there already (see `adopt`); others are taken as empty."""
        return cls({name: (space,) for name, space in spaces.items()})

    def possible(self, workspace: str) -> tuple[Workspace, ...]:
        """All worlds of one workspace that no answer has contradicted."""
        return self.worlds.get(workspace, (Workspace(),))

    def step(self, request: Request, response: Response | None) -> tuple[Model, tuple[Disagreement, ...]]:
        """The model after one request and its answer, and what it holds against the answer. `response` None, and a 500, say
        nothing: the request may have happened, may still happen, or never will.

        With a disagreement the model stays as it was.
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
            # What was not judged may have happened, like what was not answered.
            unjudged = self._with(name, [_in_limbo(space, request) for space in before])
            told = f"{request.operation}: {reason}"
            return replace(unjudged, undecided=(*self.undecided, told)), ()
        if after:
            return self._with(name, after), ()
        # Nothing but the deepest place tells how far an expectation went along with the answer.
        return self, (max(complaints, key=_depth),)

    def alternatives(self, request: Request, response: Response) -> tuple[Alternative, ...]:
        """What every possible world says against an answer that none of them allows."""
        return tuple(
            Alternative(judged, late.taken)
            for late, judged in self._judged(request, response)
            if isinstance(judged, Disagreement)
        )

    def _judged(
        self, request: Request, response: Response
    ) -> Iterator[tuple[Workspace, Workspace | Disagreement]]:
        """Each world in which the request may have arrived, with each thing that it makes of the answer."""
        name = request.caller.workspace
        elsewhere = self._ids_elsewhere(name)
        for late in _all_late(self.possible(name)):
            for judged in _judge(late, request, response, elsewhere):
                yield late, judged

    def settle(self) -> Model:
        """Nothing without an answer can happen any more (the connection is closed and the server idle).

        UndecidedError where so many answers were lost that the worlds cannot be counted out.
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


def _depth(complaint: Disagreement) -> tuple[bool, int]:
    return complaint.place != "status", complaint.place.count("/")


def _in_limbo(space: Workspace, request: Request) -> Workspace:
    return replace(space, limbo=(*space.limbo, request)) if request.operation in WRITES else space


def _without_void(space: Workspace) -> Workspace:
    """Without the writes in limbo that can never have an effect again, so that nothing is branched over them."""
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
    """The world as it is, and with each choice and order of the writes in limbo having happened since."""
    yield space
    for place, request in enumerate(space.limbo):
        without = replace(space, limbo=(*space.limbo[:place], *space.limbo[place + 1 :]))
        for outcome in outcomes(without, request, None):
            # A refusal, or a repeat without effect, leaves nothing behind that could ever be seen.
            if outcome.space.stamps != space.stamps:
                yield from _late(replace(outcome.space, taken=(*space.taken, request)))


def _judge(
    space: Workspace, request: Request, response: Response, elsewhere: frozenset[str]
) -> list[Workspace | Disagreement]:
    """What each outcome makes of the answer: the world that it leads to, or the first difference."""
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
        told = shown(answer.body) if answer.status >= 400 else ""
        return Disagreement("status", f"{answer.status} {told}".strip(), _told(response))
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


def _told(response: Response) -> str:
    code = response.body.get("code") if isinstance(response.body, dict) else None
    return f"{response.status} {code}" if isinstance(code, str) else str(response.status)
