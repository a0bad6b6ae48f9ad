"""Random programs of content operations, which run with the same steps against the server and the reference model.

A program is data (a list of steps that refer to items by number), so that Hypothesis can shrink it; the request of a step depends on the
state reached so far. The model judges only the items of this program, because others may use the workspace, too.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from hypothesis import strategies as st

from contracts.dialect.document_needs import members_of
from contracts.json_text import loose_value_of
from contracts.model import Disagreement, Model, Request, Response, adopt
from contracts.model.unpromised import SILENCES, UnpromisedError, flat
from contracts.model.workspace import CONTENT
from contracts.suite.api.answered_lists import promised
from contracts.suite.api.api import ALL_PLATFORMS, Api
from contracts.suite.client.http_exchange import HttpAnswer
from contracts.suite.contract_violation import ContractViolation, shortened
from contracts.suite.programs.promised_body import promised_body, promised_headers

WORKSPACE, MOST_ITEMS = "w", 5
BULK = ("update", "update", "publish", "archive")
PLATFORMS: tuple[list[str], ...] = ([], ["web"], ["ios", "web"], ALL_PLATFORMS)
SORTS = ("updatedAt", "createdAt", "title", "publishedAt", "version")


class Step(NamedTuple):
    """One step of a random program. `kind` names a method of Program, `who` is the number of the account; a, b and c are small numbers
    whose meaning depends on the kind."""

    kind: str
    who: int
    a: int
    b: int
    c: int


class ProgramRequest(NamedTuple):
    """One request of a program as data, so that it can be repeated. `body` is `...` if there is none."""

    who: int
    operation: str
    path: Mapping[str, str]
    query: Mapping[str, Any]
    headers: Mapping[str, str]
    body: Any

    @property
    def parts(self) -> dict[str, Any]:
        return {"path": self.path, "query": self.query, "headers": self.headers, "body": self.body}


KINDS = (
    "create", "create", "update", "update", "update", "publish", "archive", "revert", "bulk", "get", "versions", "items",
    "category", "sync", "missing",
)  # fmt: skip
SMALL = st.integers(0, 11)
# Mostly the owner, who has all permissions; sometimes an account that lacks some.
STEPS = st.builds(Step, st.sampled_from(KINDS), st.sampled_from((0, 0, 0, 0, 0, 1, 2)), SMALL, SMALL, SMALL)
PROGRAMS = st.lists(STEPS, min_size=1, max_size=60)


class Program:
    """One run of a random program against server and model."""

    def __init__(self, api: Api) -> None:
        self.api = api
        known = api.accounts.stated_permissions("owner") is not None
        self.apis = [api, *(api.as_(role) for role in ("editor", "viewer") if known and api.has(role))]
        tree = api.categories() if "getContentCategories" in api.spec else []
        self.categories = [node["id"] for node in flat(tree)][:3]
        self.word = api.word()
        unknown = [f"none-{self.word}"] if api.promises("known categories") else []
        self.choices = [None, *unknown, *self.categories]
        self.members = members_of(api.target.spec, "createContentItem") if api.target.dialect else {*CONTENT}
        """The members that a client may set by the target's document."""
        # Every title has this word, so a search for it shows exactly this program's items.
        silent = frozenset(law for law in SILENCES if not api.promises(law))
        space = replace(adopt([], [*tree], partial=True, own=self.word), silent=silent)
        self.model = Model.of({WORKSPACE: space})
        self.bulk_kinds = BULK if api.promises("versions in bulk") else BULK[2:]
        self.ids: list[str] = []
        self.known: dict[str, int] = {}
        self.version_ids: list[str] = []
        self.stamps = [api.now()]
        self.number = 0

    def run(self, steps: list[Step]) -> None:
        for step in steps:
            if self.model.undecided:
                return  # the model no longer knows the state, and would blame the server for that
            getattr(self, f"_{step.kind}")(step)

    def _call(
        self,
        who: int,
        operation: str,
        *,
        path: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        body: Any = ...,
    ) -> None:
        asking = ProgramRequest(who, operation, path or {}, query or {}, headers or {}, body)
        found = next(filter(self._promises, (asking, asking._replace(headers={}))), None)
        if found is not None:
            self._send(found)

    def _promises(self, asking: ProgramRequest) -> bool:
        """Whether the target's document promises this request; one that it does not is skipped."""
        target = self.api.target
        try:
            target.build(asking.operation, target.base, token=None, **asking.parts)
        except UnpromisedError:
            return False
        return True

    def _send(self, asking: ProgramRequest) -> None:
        """Send a request, compare the answer with the model, and learn from it."""
        answer = self._ask(asking)
        if wrong := self._judge(asking, answer):
            place, expected, got = wrong[0].place, wrong[0].expected, wrong[0].got
            difference = f"{place} = {shortened(got)}, not {shortened(expected)}"
            raise ContractViolation(f"{place} = {expected}", got, [answer.exchange], wrong=difference)
        self._learn(asking.operation, answer)

    def _api(self, asking: ProgramRequest) -> Api:
        return self.apis[asking.who % len(self.apis)]

    def _ask(self, asking: ProgramRequest) -> HttpAnswer:
        return self._api(asking).call(asking.operation, **asking.parts)

    def _judge(self, asking: ProgramRequest, answer: HttpAnswer) -> tuple[Disagreement, ...]:
        self.model, wrong = self.model.step(self._request(asking), self._response(answer))
        return wrong

    def _request(self, asking: ProgramRequest) -> Request:
        return Request(
            operation=asking.operation,
            caller=self._api(asking).caller(WORKSPACE),
            path=asking.path,
            query=asking.query,
            headers={name.lower(): value for name, value in asking.headers.items()},
            body=None if asking.body is ... else asking.body,
        )

    def _response(self, answer: HttpAnswer) -> Response:
        headers = promised_headers(self.api, answer)
        if self.api.target.dialect is not None:
            return Response(status=answer.status, headers=headers, body=promised_body(self.api, answer))
        value = loose_value_of(answer.body) if answer.body else None
        return Response(status=answer.status, headers=headers, body=value)

    def _learn(self, operation: str, answer: HttpAnswer) -> None:
        """Remember ids, versions and stamps, to which later steps refer."""
        if not 200 <= answer.status < 300:
            return
        data = answer.json.get("data")
        if operation == "createContentItem" and data["id"] not in self.ids:
            self.ids.append(data["id"])
        if isinstance(data, dict) and data.get("id") in self.ids:
            self.known[data["id"]] = max(data["version"], self.known.get(data["id"], 0))
            self.stamps.append(promised(data["updatedAt"], self.stamps[0]))
        if operation == "getContentVersions":
            self.version_ids += [v["id"] for v in data if v["id"] not in self.version_ids]
        if operation == "syncContent":
            self.stamps.append(promised(data["syncTimestamp"], self.stamps[0]))

    def _id(self, number: int) -> str:
        return self.ids[number % len(self.ids)] if self.ids else f"none-{self.word}"

    def _fields(self, step: Step) -> dict[str, Any]:
        """Some members of an item, chosen by two small numbers."""
        self.number += 1
        every: dict[str, Any] = {
            "title": f"{self.word} {'BbAaäZ'[step.b % 6]}{step.c}",
            "body": f"text {self.number}",
            "category": self.choices[step.c % len(self.choices)],
            "tags": [f"t{n}" for n in range(step.b % 3)],
            "platforms": PLATFORMS[step.c % len(PLATFORMS)],
            "metadata": {f"k{n}": str(step.c) for n in range(step.b % 3)},
        }
        names = [name for name in every if name in self.members]
        chosen = [name for place, name in enumerate(names) if (step.b * 13 + step.c * 7 + 5) >> place & 1]
        return {name: every[name] for name in chosen or ["body"]}

    def _create(self, step: Step) -> None:
        if len(self.ids) >= MOST_ITEMS:
            return self._get(step)
        body = {"title": f"{self.word} {step.a}", **self._fields(step)}
        self._call(step.who, "createContentItem", body=body, headers=self._key(step))
        return None

    def _key(self, step: Step) -> dict[str, str]:
        """The Idempotency-Key of a creation: sometimes one of two."""
        return {"Idempotency-Key": f"{self.word}-{step.a % 2}"} if step.c == 0 else {}

    def _base(self, id: str, number: int) -> int:
        """The version for an update: mostly the present one, sometimes the one before or after it."""
        present = self.known.get(id, 1)
        return max(1, present + {0: -1, 1: 1}.get(number, 0))

    def _update(self, step: Step) -> None:
        id = self._id(step.a)
        tags = {2: f'"v{self.known.get(id, 1)}"', 3: '"v99"', 4: "*", 5: f'W/"v{self.known.get(id, 1)}"'}
        tags = tags if self.api.promises("version tags") else {3: tags[3], 4: "*"}
        headers = {"If-Match": tags[step.b]} if step.b in tags else {}
        body = {"version": self._base(id, step.c), **self._fields(step)}
        self._call(step.who, "updateContentItem", path={"id": id}, body=body, headers=headers)

    def _publish(self, step: Step) -> None:
        options: dict[str, Any] = {"notify": True} if step.b % 2 else {}
        if step.c % 3 == 0 and "platforms" in self.members:
            options["platforms"] = PLATFORMS[step.b % len(PLATFORMS)]
        self._call(step.who, "publishContent", path={"id": self._id(step.a)}, body=options)

    def _archive(self, step: Step) -> None:
        body = {"reason": "r"} if step.b % 2 else {}
        self._call(step.who, "archiveContent", path={"id": self._id(step.a)}, body=body)

    def _revert(self, step: Step) -> None:
        id = self._id(step.a)
        self._call(step.who, "getContentVersions", path={"id": id}, query={"limit": 100})
        target = self.version_ids[step.b % len(self.version_ids)] if self.version_ids else f"none-{self.word}"
        body = {"versionId": target} | ({"createBackup": step.c % 3 == 1} if step.c % 3 else {})
        self._call(step.who, "revertContentVersion", path={"id": id}, body=body)

    def _bulk(self, step: Step) -> None:
        operations: list[dict[str, Any]] = []
        if not self.ids:
            return
        present = dict(self.known)
        for number in range(1 + step.c % 5):
            id = self._id(step.a + number * step.b)
            kind = self.bulk_kinds[(step.b + number * 3) % len(self.bulk_kinds)]
            if kind == "update":
                base = present.get(id, 1) if (step.c + number) % 4 else 1
                present[id] = present.get(id, 1) + 1
                fields = self._fields(step._replace(b=step.b + number))
                operations.append({"type": kind, "id": id, "version": base, "data": fields})
            else:
                operations.append({"type": kind, "id": id, **({"data": {}} if number % 2 else {})})
        self._call(step.who, "bulkUpdateContent", body={"operations": operations})
        for id in dict.fromkeys(operation["id"] for operation in operations):
            self._call(0, "getContentItem", path={"id": id})

    def _get(self, step: Step) -> None:
        id = self._id(step.a)
        query = {"version": str(1 + step.b % (self.known.get(id, 1) + 2))} if step.b % 2 else {}
        tags = {0: f'"v{self.known.get(id, 1)}"', 1: "*", 2: 'W/"v1", "v2"', 3: '"x"'}
        tags = tags if self.api.promises("version tags") else {}
        headers = {"If-None-Match": tags[step.c]} if step.c in tags else {}
        self._call(step.who, "getContentItem", path={"id": id}, query=query, headers=headers)

    def _versions(self, step: Step) -> None:
        query = {"limit": 1 + step.b} if step.b % 2 else {}
        self._call(step.who, "getContentVersions", path={"id": self._id(step.a)}, query=query)

    def _items(self, step: Step) -> None:
        query: dict[str, Any] = {
            "search": self.word,
            # Titles, ties and absent stamps have an order of each database's own, unless the document says which.
            "sortBy": SORTS[step.a % 5] if self.api.promises("total order") else "updatedAt",
            "sortOrder": ("asc", "desc")[step.b % 2],
        }
        query["limit"] = 1 + step.c % 6
        if self.api.target.cursor("getContentItems") is None:
            query["page"] = 1 + step.b % 3
        if step.c % 4:
            query["status"] = ("draft", "published", "archived")[step.c % 3]
        self._call(step.who, "getContentItems", query=query)

    def _category(self, step: Step) -> None:
        if not self.categories:
            return
        query: dict[str, Any] = {"limit": 100, "status": ("draft", "published", "archived")[step.b % 3]}
        if step.c % 2:
            query["includeSubcategories"] = True
        if step.c % 3 == 2:
            query["startDate"] = self.stamps[step.a % len(self.stamps)]
        category = self.categories[step.a % len(self.categories)]
        self._call(step.who, "getContentByCategory", path={"category": category}, query=query)

    def _sync(self, step: Step) -> None:
        since = self.stamps[step.a % len(self.stamps)]
        query: dict[str, Any] = {"lastSyncTimestamp": since, "includeDeleted": bool(step.b % 2)}
        if step.c % 3 and "platforms" in self.members:
            query["platforms"] = ALL_PLATFORMS[: 1 + step.c % 3]
        self._call(step.who, "syncContent", query=query)

    def _missing(self, step: Step) -> None:
        operation = ("getContentItem", "publishContent", "archiveContent", "getContentVersions")[step.a % 4]
        body: Any = {} if operation in ("publishContent", "archiveContent") else ...
        self._call(step.who, operation, path={"id": f"none-{self.word}"}, body=body)
