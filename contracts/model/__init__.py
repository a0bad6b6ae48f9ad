"""The reference model: what each of the 12 content operations means, in brute-force Python, with no I/O, clock or randomness.

The server's own choices (ids, stamps, version ids) are claims: the model reads them back from the answer and holds laws about
them. Everything else it knows exactly. It shares no code with any server, so a bug has to be made twice to hide.

    >>> ada = Caller(user="u-ada", workspace="w1")
    >>> ask = Request(operation="getContentItem", caller=ada, path={"id": "c-1"})
    >>> model, disagreements = Model().step(ask, Response(status=200, body={"data": {}}))
    >>> print(*disagreements)
    status: expected 404 {"status": 404, "code": "CONTENT_NOT_FOUND"}, got 200

| file | content |
| --- | --- |
| messages.py | Request, Response, Caller, ExpectedResponse, Disagreement |
| unpromised.py | what a target's document does not promise |
| unknown.py | choices of the server, and comparing an answer with an expectation that holds some |
| timestamps.py | RFC 3339 to microseconds |
| workspace.py | the content of one workspace; the laws about ids and stamps; adopting what is there |
| reads.py, writes.py | the operations |
| partial_knowledge.py | what still must hold where other items may exist |
| model.py | the machine: all worlds that the answers allow |

The model is given requests that keep openapi.yaml (or `valid=False`) by callers with a valid token. It does not know: 401, 405,
413, 415 (they are of the wire), rate limits, and the 24 hours after which an idempotency key is forgotten.
"""

from contracts.model.messages import Caller, Disagreement, Request, Response, UndecidedError
from contracts.model.model import Alternative, Model
from contracts.model.workspace import Workspace, adopt

__all__ = [
    "Alternative",
    "Caller",
    "Disagreement",
    "Model",
    "Request",
    "Response",
    "UndecidedError",
    "Workspace",
    "adopt",
]
