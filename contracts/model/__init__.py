"""The reference model of the 12 content operations, in brute-force Python, without I/O, clock or randomness.

It knows every answer exactly, except the server's own choices (ids, stamps, version ids): it reads those from the answer and checks
laws about them. It shares no code with any server, so that a bug has to be made twice to stay unseen.

    >>> ada = Caller(user="u-ada", workspace="w1")
    >>> ask = Request(operation="getContentItem", caller=ada, path={"id": "c-1"})
    >>> model, disagreements = Model().step(ask, Response(status=200, body={"data": {}}))
    >>> print(*disagreements)
    status: expected 404 {"status": 404, "code": "CONTENT_NOT_FOUND"}, got 200

| file | content |
| --- | --- |
| messages.py | Request, Response, Caller, ExpectedResponse, Disagreement |
| unpromised.py | placeholders for parts of an answer that a target's document does not promise |
| unknown.py | placeholders for choices of the server, and the comparison of an answer with them |
| timestamps.py | RFC 3339 timestamps as microseconds |
| workspace.py | the content of one workspace, the laws about ids and stamps, and adopting existing content |
| allowed_outcome.py | `AllowedOutcome`, and the errors that all operations on one item share |
| reads.py, writes.py | the operations |
| partial_knowledge.py | the judgement of answers while unknown items may exist |
| model.py | `Model`, the set of all worlds that the answers so far allow |

Callers have a valid token, and requests keep openapi.yaml or say `valid=False`. The model does not cover 401, 405, 413 and 415 (they
concern HTTP, not content), rate limits, and the 24 hours after which an idempotency key is forgotten.
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
