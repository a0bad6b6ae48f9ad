"""The translation between our contract and a target's own document, applied to each request and response.

The laws are written once, for our contract: they read 201, VERSION_CONFLICT, `updatedAt` and `{"data": …}`. A target may use other
names, statuses and forms. A law that reads something which the target's document does not promise is not applicable. Shapes are judged
on the untranslated answer, and reports show the untranslated exchange.

| file | content |
| --- | --- |
| schema_members.py | the members that a schema gives to objects, through references and compositions |
| derivation.py | the differences between two documents, as a `Dialect`; the document's own `x-dialect` |
| document_needs.py | the promises that a check may need of the document, and how each is recognized |
| translation.py | `Dialect`, which translates requests to the target's form and responses to ours |
| fitted_request.py | a request reduced to what the target's document allows, for load tests |
| channel_place.py | the path of the realtime channel, and the query parameter of its token |
| token_lives.py | the lifetimes of tokens, and the effects of a refresh |
| example_request.py | example values of a schema, and a request made of them for an operation that no law covers |
| not_modelled.py | the verdict on an operation that no law covers |
| values/ | the values of answers and requests in the other's form: stamps, ids, versions, pages, errors |
| serving.py | the translation in a server that keeps our contract and serves another document |
"""

from contracts.dialect.derivation import derive, dialect_of
from contracts.dialect.fitted_request import FittedRequest, fitted, is_closed, most_elements
from contracts.dialect.translation import CanonicalAnswer, Dialect

__all__ = [
    "CanonicalAnswer",
    "Dialect",
    "FittedRequest",
    "derive",
    "dialect_of",
    "fitted",
    "is_closed",
    "most_elements",
]
