"""The translation at the wire between our contract, in which the laws are written, and the document that a target keeps.

Before it stand the target's own names, statuses and forms; behind it the laws go on reading 201, VERSION_CONFLICT, `updatedAt` and
`{"data": …}`. What the document does not promise is not applicable: it is named so where a law looks at it. Shapes are judged on
the raw answer, and reports show the raw exchange.

| file | content |
| --- | --- |
| schema_members.py | the members that a schema gives to objects, through references and compositions |
| derivation.py | what differs between two documents, as a `Dialect`; what the target's document tells by `x-dialect` |
| document_needs.py | what a law needs of the document beyond the operations that it calls |
| translation.py | `Dialect`: requests to the target's form, answers to ours, and what is not applicable |
| fitted_request.py | a request as the target's document allows it, for load, which has to send something |
| channel_place.py | where the realtime channel stands and where its token goes |
| token_lives.py | how long tokens live, and what a refresh does to them |
| example_request.py | a value from the examples of a schema, and a request from those of an operation that no law knows |
| not_modelled.py | the verdict of an operation that no law knows |
| serving.py | the same from the other side: our contract inside, somebody's document outside |
"""

from contracts.dialect.derivation import derive, dialect_of
from contracts.dialect.fitted_request import FittedRequest, fitted, is_closed, most_elements
from contracts.dialect.translation import CanonicalAnswer, Dialect, NotPromisedError

__all__ = [
    "CanonicalAnswer",
    "Dialect",
    "FittedRequest",
    "NotPromisedError",
    "derive",
    "dialect_of",
    "fitted",
    "is_closed",
    "most_elements",
]
