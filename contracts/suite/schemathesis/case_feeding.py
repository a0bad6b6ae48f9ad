"""Putting into random cases what they lack: existing ids, present versions, and valid tokens.

The suite's own Schemathesis cases, its walks along links and the hooks of the command line use it. Only parts that were generated as valid
are changed; deliberately invalid ones stay.
"""

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from schemathesis.core.parameters import ParameterLocation

from contracts.dialect import Dialect
from contracts.dialect.fitted_request import with_their_ids
from contracts.model.unpromised import UnpromisedError, flat
from contracts.schema import compile_schema
from contracts.spec import Spec
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import may_end_session
from contracts.suite.client.http_exchange import SAFE, Exchange, HttpAnswer
from contracts.suite.contract_violation import ContractViolation, read_aside
from contracts.suite.world.accounts import Accounts

HIGH_ID = 2**31 - 1
"""An integer id that no target has given yet."""


@dataclass
class KnownIds:
    """Existing ids of the target, which random data never hits."""

    items: list[str]
    versions: dict[str, list[str]]
    present: dict[str, int]
    categories: list[str]
    dialect: Dialect | None = None

    def saw(self, exchange: Exchange) -> None:
        """Remember the new version of an item from the answer to a write."""
        with read_aside(), suppress(ContractViolation, UnpromisedError, KeyError, TypeError):
            item = HttpAnswer(exchange, self.dialect).data
            self.present[item["id"]] = max(item["version"], self.present.get(item["id"], 0))


def learn(api: Api) -> KnownIds:
    """Six new items, three of them with two versions, whose state no earlier request has changed."""
    items = [api.create() for _ in range(6)]
    items = [api.update(item, body="second version") if n < 3 else item for n, item in enumerate(items)]
    return KnownIds(
        items=[item["id"] for item in items],
        versions={item["id"]: [v["id"] for v in api.versions(item["id"])] for item in items},
        present={item["id"]: item["version"] for item in items},
        categories=[node["id"] for node in flat(api.categories())],
        dialect=api.target.dialect,
    )


def feed(
    case: Any, operation_id: str, known: KnownIds, rng: random.Random, keep: frozenset[str] = frozenset()
) -> None:
    """Put existing ids into the valid parts of a case. An id of the path that is in `keep` stays."""
    meta = case.meta
    item = rng.choice(known.items)
    if not meta.is_negative_at(ParameterLocation.PATH) and case.path_parameters and rng.random() < 0.9:
        if case.path_parameters.get("id") in keep:
            item = case.path_parameters["id"]
        elif "id" in case.path_parameters:
            case.path_parameters["id"] = item
        if "category" in case.path_parameters and known.categories:
            case.path_parameters["category"] = rng.choice(known.categories)
    if meta.is_negative_at(ParameterLocation.BODY) or not isinstance(case.body, dict):
        return
    body = case.body
    their = known.dialect.their_members if known.dialect else {}
    version, version_id, category = (their.get(name, name) for name in ("version", "versionId", "category"))
    if operation_id == "updateContentItem" and version in body and rng.random() < 0.7:
        first = known.dialect.first_version if known.dialect else 1
        body[version] = known.present.get(item, 1) + first - 1
    if operation_id == "revertContentVersion" and version_id in body and rng.random() < 0.8:
        body[version_id] = rng.choice(known.versions.get(item) or [body[version_id]])
    ours = known.dialect is None or operation_id in known.dialect.ours.operations
    if ours and isinstance(body.get(category), str | int) and known.categories and rng.random() < 0.8:
        body[category] = rng.choice(known.categories)
    if operation_id == "bulkUpdateContent":
        for operation in body.get("operations", ()):
            operation["id"] = rng.choice(known.items)
    case.body = with_their_ids(known.dialect, operation_id, body)


def operation_id(case: Any) -> str:
    return str(case.operation.definition.raw["operationId"])


def spare(case: Any, api: Api) -> None:
    """Change a case so that it harms neither accounts nor items of others."""
    _spare_accounts(case, api)
    _spare_others(case, api)


def _spare_accounts(case: Any, api: Api) -> None:
    """Replace the address of a wrong login of a real account, which would throttle the account."""
    body = case.body
    if not isinstance(body, dict) or not isinstance(body.get("email"), str):
        return
    real = {account.email.lower(): account.password for account in api.target.settings.accounts.values()}
    email = body["email"].lower()
    if email in real and body.get("password") != real[email]:
        body["email"] = f"{api.word()}@nobody.example"


def _spare_others(case: Any, api: Api) -> None:
    """Replace foreign ids in writes, so that only items of the run are changed: Schemathesis reuses ids that it has read, and the
    document's examples may name existing ones. Deliberately invalid ids stay, and those for which no other one is valid."""
    negative = case.meta is None or case.meta.is_negative_at(ParameterLocation.PATH)
    if case.method in SAFE or negative or not case.path_parameters:
        return
    operation = api.spec[operation_id(case)]
    schemas = {p.name: p.schema for p in operation.parameters if p.location == "path"}
    for name, value in case.path_parameters.items():
        if str(value) not in api.target.recorder.created:
            valid = compile_schema(api.target.spec, schemas.get(name, {})).is_valid
            case.path_parameters[name] = next(filter(valid, _unknown_ids(api)), value)


def _unknown_ids(api: Api) -> Iterator[Any]:
    yield f"none-{api.word()}"
    yield str(UUID(int=api.rng.getrandbits(128), version=4))
    yield from (HIGH_ID, str(HIGH_ID))


@dataclass
class OperationTokens:
    """The token for each operation, of the account with every permission."""

    accounts: Accounts
    spec: Spec
    _own: dict[str, str] = field(default_factory=dict)

    def of(self, operation_id: str) -> str | None:
        """The token for an operation; None for login."""
        if operation_id == "login":
            return None
        if not may_end_session(self.spec, operation_id):
            return self.accounts.session("owner").access
        if operation_id not in self._own:
            session = self.accounts.login("owner")
            self._own[operation_id] = session.refresh if operation_id == "refreshTokens" else session.access
        return self._own[operation_id]

    def spent(self, operation_id: str, status: int) -> None:
        """Drop the token of an operation that may have ended its session, and succeeded."""
        if 200 <= status < 300:
            self._own.pop(operation_id, None)
