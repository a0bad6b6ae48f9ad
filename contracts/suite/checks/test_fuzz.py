"""Fuzzing with our own mutators: thousands of requests a second over one connection, each judged exactly: 400 <=> it breaks the document."""

import time
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from contracts.dialect.fitted_request import without_refused
from contracts.spec import Operation, load
from contracts.suite.api.absent_ids import must_be_absent
from contracts.suite.api.answered_lists import END_OF_TIME
from contracts.suite.api.api import Api
from contracts.suite.api.successful_requests import METRICS, may_end_session, parts, takes_json
from contracts.suite.client.http_exchange import Exchange, HttpRequest, refused_on_the_way
from contracts.suite.client.request_builder import build
from contracts.suite.contract_violation import ContractViolation, Unchecked
from contracts.suite.judging.foreign_form import unknown_maker
from contracts.suite.judging.recorder import LARGE_ITEM
from contracts.suite.judging.request_oracle import RequestOracle
from contracts.suite.plugin.registry import family
from contracts.suite.programs.request_mutation import NASTY, Mutator

check = family("fuzz")

CASES = 600
MOST_LARGE = 6
"""The most requests of a sweep with bodies of LARGE_ITEM bytes or more: each may leave an item that other checks find in their lists."""
BREAKABLE = [
    operation.id
    for operation in load()
    # Each success of those ends a session, and this is the one that all checks share.
    if operation.id not in ("logout", "refreshTokens")
    and (
        takes_json(operation)
        or (operation.body is None and any(p.location != "path" for p in operation.parameters))
    )
]


class Sweep:
    """The mutants of one operation's valid request, sent and judged. Of each kind of wrong answer the shortest request is kept."""

    def __init__(self, api: Api, operation: Operation) -> None:
        self.api = api
        self.operation = operation
        self.oracle = RequestOracle(api.target.spec)
        self.mutator = Mutator(api.target.spec, api.rng)
        self.made = parts(api, operation.id)
        if operation.id == "syncContent":
            # From the end of time on: a window over everything would measure the size of the workspace.
            self.made = {"query": {"lastSyncTimestamp": END_OF_TIME}}
        self.wrong: dict[tuple[str, int], tuple[str, Exchange]] = {}
        self.foreign = ""
        """What is known of a wrong answer that something before the API may have made."""
        self.ambiguous = self.limited = self.large = 0
        self.counts: dict[int, int] = {}
        self.wanted: set[int] = set() if operation.id == "login" else {api.success(operation.id)}
        """Statuses that the mutants are owed: a success, and 400 where one of them breaks the document."""

    def run(self, cases: int) -> float:
        """Send mutants, and return the number of requests a second."""
        began = time.monotonic()
        connection = self.api.target.new_connection()
        try:
            for exchange in connection.overlapped((self._request() for _ in range(cases)), self.operation.id):
                self._judge(exchange)
                if self.api.target.recorder.enough(self.wrong):
                    break
        finally:
            connection.close()
        return cases / (time.monotonic() - began)

    def _judge(self, exchange: Exchange) -> None:
        request, target = exchange.request, self.api.target
        exchange = target.retry_after_429(
            exchange, lambda: target.connection.send(request, self.operation.id)
        )
        target.recorder.record(exchange)
        if exchange.status == 429 and not target.direct and refused_on_the_way(exchange):
            self.limited += 1
            return
        status = self.api.canonical_status(self.operation.id, exchange.status)
        self.counts[status] = self.counts.get(status, 0) + 1
        self._keep_state(exchange)
        path = self.made.get("path", {})
        judged = self.oracle.judge(self.operation, request, path)
        self.wanted |= {400} if judged.status == 400 else set()
        expected = self.oracle.wrong(self.operation, judged, exchange.status)
        if not expected:
            return
        if judged.status is not None:
            expected = expected.replace(
                str(judged.status), str(self.api.their_status(self.operation.id, judged.status)), 1
            )
        if exchange.status < 500 and judged.status in (None, 400):
            # The engines may differ at the edge of a format; then the document itself is unclear.
            valid = self.oracle.second_opinion(self.operation, request, path)
            if valid != (judged.status is None):
                self.ambiguous += 1
                return
        if foreign := target.recorder.judge.foreign_form(exchange):
            self.foreign = foreign
            return
        key = ("400" if judged.status else "kept", exchange.status)
        known = self.wrong.get(key)
        if known is None or len(request.url) + len(request.body or b"") < len(known[1].request.url) + len(
            known[1].request.body or b""
        ):
            self.wrong[key] = (expected, exchange)

    def _keep_state(self, exchange: Exchange) -> None:
        """Update the base request after a success, which has increased the item's version."""
        if self.operation.id == "updateContentItem" and 200 <= exchange.status < 300:
            self.made["body"]["version"] += 1

    def _request(self) -> HttpRequest:
        rng = self.api.rng
        headers: dict[str, str] = {}
        for parameter in self.operation.parameters:
            if parameter.location == "header" and rng.random() < 0.3:
                headers[parameter.name] = self.mutator.header(parameter)
        if self.operation.body and rng.random() < 0.03:
            headers["Content-Type"] = rng.choice(
                ("text/plain", "application/json;charset=x", "", "application/xml")
            )
        body: Any = ...
        valid: Any = ...
        if self.operation.body:
            base, dialect = self._base(), self.api.target.dialect
            name = self.operation.id
            valid = dialect.body(name, without_refused(dialect, name, base)) if dialect else base
            body = self.mutator.body(self.operation, valid)
            body = _without_real_addresses(self.api, body)
        token = None if self.operation.id == "login" else self.api.session.access
        base, path = self.api.target.base, self.made.get("path")
        made = build(self.operation, base, path=path, body=body, headers=headers, token=token)
        self.large += len(made.body or b"") >= LARGE_ITEM
        if len(made.body or b"") >= LARGE_ITEM and self.large > MOST_LARGE:
            made = build(self.operation, base, path=path, body=valid, headers=headers, token=token)
        if any(parameter.location == "query" for parameter in self.operation.parameters):
            asked = self.made.get("query", {})
            dialect = self.api.target.dialect
            asked = asked if dialect is None else dialect.queries.sent(asked, self.operation)
            query = self.mutator.query(self.operation, asked)
            made = replace(made, url=f"{made.url}?{query}")
        return made

    def _base(self) -> Any:
        if self.operation.id == "login":
            return {"email": f"{self.api.word()}@nobody.example", "password": "x"}
        if self.operation.id == "ingestMetrics":
            return METRICS
        if self.operation.id == "createContentItem":
            return {
                "title": "fuzz",
                "body": "b",
                "tags": ["a"],
                "platforms": ["web"],
                "metadata": {"k": "v"},
                "category": None,
            }
        if self.operation.id == "updateContentItem":
            return {
                **self.made["body"],
                "tags": ["a"],
                "metadata": {"k": "v"},
                "category": None,
                "platforms": ["ios"],
            }
        if self.operation.id == "publishContent":
            return {"notify": True, "platforms": ["web"]}
        if self.operation.id == "archiveContent":
            return {"reason": "r"}
        return self.made["body"]

    def settle(self) -> None:
        if self.wrong:
            # A wrong request that was taken says more than one that was refused in other words.
            (expected, worst), *more = sorted(
                self.wrong.values(), key=lambda wrong: wrong[1].status // 100 != 2
            )
            also = "".join(f"; and where {wanted} was due, {exchange.status}" for wanted, exchange in more)
            shown = [*(exchange for _, exchange in more), worst]
            raise ContractViolation(expected, f"{worst.status}{also}", shown)
        if self.foreign:
            raise Unchecked(unknown_maker(self.foreign))


def _without_real_addresses(api: Api, body: bytes) -> bytes:
    """Replace real addresses in a login, so that no mutant throttles an account that other checks need."""
    for account in api.target.settings.accounts.values():
        body = body.replace(account.email.encode(), f"{api.word()}@nobody.example".encode())
    return body


@check("fuzz.requests", "R20, openapi", over=BREAKABLE)
def requests(api: Api, value: str) -> None:
    """400 exactly where body, query or header break the document; no input at all makes a 500."""
    sweep = Sweep(api.fresh() if may_end_session(api.target.spec, value) else api, api.spec[value])
    # A login costs a password hash; refused documents cost nothing.
    sweep.run((CASES // 6 if value == "login" else CASES) * api.target.settings.effort)
    sweep.settle()
    if sweep.limited > sum(sweep.counts.values()):
        raise Unchecked(
            f"{sweep.limited} of the requests were refused for their rate (429) by something that knows no code of this API"
        )
    if sweep.wanted - set(sweep.counts):
        raise ContractViolation(f"{sorted(sweep.wanted)} among the answers", f"only {sweep.counts}")


@check("fuzz.paths", "openapi", needs=())
def paths(api: Api) -> None:
    """Any path outside the document is 404, whatever characters it has; an odd id is a missing item."""
    rng = api.rng
    headers = api.bearer()
    pieces = [
        "content",
        "items",
        "x",
        "bulk",
        "versions",
        "categories",
        "sync",
        "auth",
        "login",
        "metrics",
        "..",
        ".",
    ]
    for _ in range(300 * api.target.settings.effort):
        chosen = [
            rng.choice(pieces) if rng.random() < 0.7 else quote(rng.choice(NASTY)[:80], safe="")
            for _ in range(rng.randint(1, 5))
        ]
        path = api.target.spec.spelled("/" + "/".join(chosen))
        operation, _, methods = api.target.spec.match("GET", path)
        answer = api.raw("GET", path, headers=headers)
        if not api.target.direct and refused_on_the_way(answer.exchange):
            continue
        if not methods:
            # A client or a proxy may resolve dots and empty segments; then it is another path.
            # Some frameworks refuse characters in every path (Spring's firewall, Tomcat), before they look for one.
            refused = answer.status == 400 and "%" in path and not api.promises("exact paths")
            if ".." not in chosen and "." not in chosen and "" not in chosen and not refused:
                answer.must(404, "ROUTE_NOT_FOUND", why=path)
        elif operation is None:
            if api.promises("methods"):
                answer.must(405, why=path)
        elif answer.status not in (200, 400, 404):
            raise ContractViolation("200, 400 or 404", answer.summary(), [answer.exchange])


@check("fuzz.ids", "openapi", operations=["getContentItem"], needs=())
def ids(api: Api) -> None:
    """An id in the path that names nothing is 404, whatever its characters."""
    for text in NASTY:
        if text and text not in ("bulk", ".."):
            answer = api.call("getContentItem", path={"id": text})
            if not api.target.direct and refused_on_the_way(answer.exchange):
                continue
            must_be_absent(answer, text, "CONTENT_NOT_FOUND")
