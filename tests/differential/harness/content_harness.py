"""One program played to both: the server answers each request, the model judges each answer.

    outcome = play(program, seed=7)
    outcome.found     # the first disagreement, or None

Both start from the same small world, which the model reads through the API. Nothing is shared but the requests and answers.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from contracts.model import Caller, Disagreement, Model, Request, Response, Workspace, adopt
from mock_server import message
from mock_server.build import Server
from mock_server.store.session_store import Lifetimes
from tests.differential.harness.http_client import EMAILS, PASSWORD, send, serve, write
from tests.differential.programs import drawn_values
from tests.differential.programs.content_programs import World
from tests.differential.programs.steps import (
    Ask,
    Made,
    Number,
    Reference,
    Stamp,
    Step,
    Touched,
    VersionId,
    Wait,
    resolve,
)

KEY_LIFE = drawn_values.DAY
"""Of an Idempotency-Key, in microseconds (openapi.yaml, createContentItem); the model knows no time."""
# Sessions are another test's: here a token outlives every program.
ENDLESS = Lifetimes(access=10**10, refresh_idle=10**10, session=10**10)
NO_ITEM, NO_VERSION = "left-out", "no-such-version"
NO_STAMP = "2000-01-01T00:00:00.000000Z"


@dataclass(frozen=True, slots=True)
class Found:
    """The answer to a step on which model and server disagree."""

    step: int
    complaints: tuple[Disagreement, ...]


@dataclass(slots=True)
class Outcome:
    """`lines` are the requests and what came, in order; `undecided` what the model could not judge."""

    found: Found | None = None
    lines: list[tuple[str, Request, Response]] = field(default_factory=list)
    undecided: tuple[str, ...] = ()

    def statuses(self) -> Counter[tuple[str, int]]:
        return Counter((request.operation, response.status) for _, request, response in self.lines)


def play(program: Iterable[Step], *, seed: int, faults: Iterable[str] = ()) -> Outcome:
    """The program from the start to its end or to the first disagreement."""
    harness = ContentHarness(serve(drawn_values.start(seed), ENDLESS))
    harness.server.faults.set(list(faults))
    outcome = Outcome()
    for step in program:
        if isinstance(step, Wait):
            harness.server.clock.advance(step.microseconds)
            continue
        request, response, complaints = harness.ask(step)
        outcome.lines.append((step.caller, request, response))
        if complaints:
            outcome.found = Found(step.number, complaints)
            break
    outcome.undecided = harness.model.undecided
    return outcome


def world() -> World:
    """What every program finds at its start."""
    home = ContentHarness(serve(drawn_values.start(0), ENDLESS)).model.possible("tchat")[0]
    parents = {category.id: category.parent for category in home.categories}

    def line(name: str | None) -> tuple[str, ...]:
        return () if name is None else (*line(parents[name]), name)

    deepest = max(map(line, parents), key=len)
    return World(items=tuple(sorted(home.ids())), categories=tuple(parents), focus=deepest)


class ContentHarness:
    """A server, its model, and what the answers have shown so far."""

    def __init__(self, server: Server) -> None:
        self.server = server
        self.tokens: dict[str, str] = {}
        self.callers = {name: self._login(name) for name in EMAILS}
        self.model = Model.of(
            {self.callers[name].workspace: self._adopted(name) for name in ("demo", "other")}
        )
        self._made: dict[int, str] = {}
        self._stamps: dict[int, str] = {}
        self._kept_at: dict[tuple[str, str], int] = {}

    # The world at the start

    def _login(self, name: str) -> Caller:
        answer = self._get("login", body={"email": EMAILS[name], "password": PASSWORD})
        self.tokens[name] = answer["tokens"]["accessToken"]
        workspace = "other" if name == "other" else "tchat"
        return Caller(
            user=answer["user"]["id"], workspace=workspace, permissions=frozenset(answer["permissions"])
        )

    def _adopted(self, name: str) -> Workspace:
        token = self.tokens[name]
        categories = self._get("getContentCategories", query={"includeEmpty": True}, token=token)["data"]
        items: list[Any] = []
        for query in ({"limit": 100}, {"limit": 100, "status": "archived"}):
            items += self._get("getContentItems", query=query, token=token)["data"]["data"]
        versions = {
            item["id"]: self._get("getContentVersions", path={"id": item["id"]}, query={"limit": 100}, token=token)["data"]
            for item in items
        }  # fmt: skip
        return adopt(items, categories, versions)

    def _get(self, operation: str, **request: Any) -> Any:
        return send(self.server, write(operation, **request)).body

    # Steps

    def ask(self, step: Ask) -> tuple[Request, Response, tuple[Disagreement, ...]]:
        request = self.meant(step)
        response = send(self.server, self.written(step, request))
        return request, response, self.judge(step, request, response)

    def meant(self, step: Ask) -> Request:
        """The step with what its references mean by now."""
        caller = self.callers[step.caller]
        space = self.model.possible(caller.workspace)[0]
        parts = {"path": step.path, "query": step.query, "headers": step.headers, "body": step.body}
        meant = resolve(parts, lambda reference: self._meaning(reference, space))
        return Request(operation=step.operation, caller=caller, valid=step.valid, **meant)

    def written(self, step: Ask, request: Request) -> message.ReceivedRequest:
        return write(
            step.operation, path=request.path, query=request.query, headers=request.headers, body=request.body,
            token=self.tokens[step.caller],
        )  # fmt: skip

    def judge(self, step: Ask, request: Request, response: Response) -> tuple[Disagreement, ...]:
        """What the model says of an answer; it and the references go on from there."""
        if response.status >= 500 or response.status == 429:
            # The model forgives them, for they may come from outside; here nothing is outside.
            return (Disagreement("status", "an answer", str(response.status)),)
        self._forget_keys()
        self.model, complaints = self.model.step(request, response)
        self._note(step.number, request.caller, response)
        return complaints

    def _meaning(self, reference: Reference, space: Workspace) -> Any:
        if isinstance(reference, Made):
            return self._made.get(reference.step, NO_ITEM)
        if isinstance(reference, Stamp):
            return drawn_values.FORMS[reference.form](self._stamps.get(reference.step, NO_STAMP))
        name = self._meaning(reference.item, space) if isinstance(reference.item, Made) else reference.item
        item = next((item for item in space.items if space.id_of(item) == name), None)
        if isinstance(reference, Number):
            number = max(1, (item.now.number if item else 1) + reference.shift)
            return reference.form.format(number) if reference.form else number
        if isinstance(reference, VersionId):
            ids = [space.text(version.id) for version in item.versions] if item else []
            shown = [name for name in ids if isinstance(name, str)]
            return shown[reference.place] if -len(shown) <= reference.place < len(shown) else NO_VERSION
        assert isinstance(reference, Touched)
        stamp = space.text(item.now.snapshot["updatedAt"]) if item is not None else None
        return drawn_values.FORMS[reference.form](stamp if isinstance(stamp, str) else NO_STAMP)

    def _note(self, number: int, caller: Caller, response: Response) -> None:
        data = response.body.get("data") if isinstance(response.body, dict) else None
        if response.status == 201 and isinstance(data, dict):
            self._made[number] = data["id"]
        stamp = _stamp(data)
        if stamp is not None:
            self._stamps[number] = stamp
        for key in self.model.possible(caller.workspace)[0].kept:
            self._kept_at.setdefault(key, self.server.clock.now())

    def _forget_keys(self) -> None:
        """Kept answers live for 24 hours."""
        late = self.server.clock.now() - KEY_LIFE
        self._kept_at = {key: moment for key, moment in self._kept_at.items() if moment > late}
        worlds = {
            name: tuple(map(self._without_old_keys, spaces)) for name, spaces in self.model.worlds.items()
        }
        self.model = replace(self.model, worlds=worlds)

    def _without_old_keys(self, space: Workspace) -> Workspace:
        return replace(space, kept={key: kept for key, kept in space.kept.items() if key in self._kept_at})


def _stamp(data: Any) -> str | None:
    """The stamp that an answer shows first, if it shows any."""
    rows = data.get("data") if isinstance(data, dict) else data
    shown = rows[0] if isinstance(rows, list) and rows else data
    if not isinstance(shown, dict):
        return None
    found = shown.get("syncTimestamp") or shown.get("updatedAt")
    return found if isinstance(found, str) else None
