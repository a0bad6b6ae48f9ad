"""`ModelObserver`, which compares the answers of a run that Schemathesis drives with the reference model.

It gets one exchange after another, in the order of their answers, and does not judge what it cannot know: items made before its start,
requests of other accounts, answers with a wrong shape. When its knowledge ends (after a disagreement, a request that touched known and
unknown items, or too many items for a brute-force model), it stops until it is started again.
"""

from collections.abc import Mapping
from typing import Any

from contracts.model import Disagreement, Model, Request, Response, adopt
from contracts.model.model import RULES
from contracts.spec import Operation
from contracts.spec.parameter_values import QueryError, decode, parameters
from contracts.suite.api.api import Api
from contracts.suite.client.http_exchange import Exchange, HttpAnswer
from contracts.suite.judging.request_oracle import RequestOracle, read_json

WORKSPACE = "w"
MOST_ITEMS = 30
# Statuses that precede the model's order of judgement, or mean that nothing was done.
OTHERS = frozenset({401, 405, 406, 413, 415, 429, 503})


class ModelObserver:
    """The observer of one run. It is inactive before `start`, and again after its knowledge has ended."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._oracle = RequestOracle(api.target.spec)
        self._model: Model | None = None

    def start(self) -> None:
        """Start with an empty model; the categories are read."""
        self._model = None
        space = adopt([], [*self._api.categories()], partial=True)
        self._model = Model.of({WORKSPACE: space})

    def stop(self) -> None:
        self._model = None

    @property
    def active(self) -> bool:
        return self._model is not None

    @property
    def ids(self) -> frozenset[str]:
        """The ids of the items whose whole history is known."""
        if self._model is None:
            return frozenset()
        (space, *_) = self._model.possible(WORKSPACE)
        return frozenset(space.ids())

    def saw(self, exchange: Exchange, operation: Operation, path: Mapping[str, str]) -> Disagreement | None:
        """The disagreement of the model with the answer to a request of the owner, or None."""
        model, ids = self._model, self.ids
        if model is None or operation.id not in RULES or exchange.status in OTHERS:
            return None
        if exchange.request.method != operation.method:
            return None
        if exchange.status >= 500 or len(ids) > MOST_ITEMS:
            self.stop()
            return None
        try:
            request = self._request(exchange, operation, path)
            if self._mixed(request, ids):
                self.stop()
                return None
            answer = HttpAnswer(exchange, self._api.target.dialect)
            body = answer.json if exchange.body else None
            response = Response(status=answer.status, headers=answer.headers, body=body)
            self._model, wrong = model.step(request, response)
        except (ValueError, KeyError, TypeError, IndexError, AttributeError):
            self.stop()  # an answer with a wrong shape, which is another finding
            return None
        if wrong:
            self.stop()
        return wrong[0] if wrong else None

    def _request(self, exchange: Exchange, operation: Operation, path: Mapping[str, str]) -> Request:
        sent = exchange.request
        valid = not self._oracle.broken(operation, sent, path)
        query: dict[str, Any] = {}
        body = None
        if valid:
            found = parameters(self._api.target.spec, operation, sent.query, sent.headers, path)
            query = {p.name: value for p, value in found if p.location == "query"}
            body = read_json(sent.body or b"") if operation.body is not None else None
        return Request(
            operation=operation.id,
            caller=self._api.caller(WORKSPACE),
            path=_decoded(path),
            query=query,
            headers={name.lower(): value for name, value in sent.headers.items()},
            body=body,
            valid=valid,
        )

    @staticmethod
    def _mixed(request: Request, ids: frozenset[str]) -> bool:
        """Whether a bulk request names an unknown item, so that its effect on the known ones cannot be predicted."""
        if request.operation != "bulkUpdateContent" or not request.valid:
            return False
        return not {operation["id"] for operation in request.body["operations"]} <= ids


def _decoded(path: Mapping[str, str]) -> dict[str, str]:
    try:
        return {name: decode(text, plus=False) for name, text in path.items()}
    except QueryError:
        return dict(path)
