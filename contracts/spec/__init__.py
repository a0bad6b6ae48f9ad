"""The OpenAPI document and the AsyncAPI document of the realtime channel, read once into immutable values that every program uses.

| file | content |
| --- | --- |
| source/ | reading a document's text as one JSON value: YAML, JSON, overlays, other files, OpenAPI 3.0 |
| operation_identity.py | matching the operations of a foreign document with ours |
| openapi_reader.py | `OpenApiReader`, which makes `Operation`s of the JSON value |
| operation.py | `Operation` and its parts; the closed list of our extension keys, with their defaults |
| document.py | `Spec`, the whole OpenAPI document, and `load`; matching a request with its operation |
| media_types.py | the schemas of a body by media type |
| parameter_values.py | the values of parameters, read from texts and written as texts by style |
| pattern_text.py | a short text that matches a regular expression |
| oauth_clients.py | the OAuth clients that the document names, and the scope they ask for |
| channel.py | `Channel` and `Message` of the realtime document |
"""

from contracts.spec.document import Spec, canonical, default_overlays, default_path, load, parse
from contracts.spec.oauth_clients import OAuthClient, oauth_clients, oauth_scope
from contracts.spec.operation import (
    EXTENSIONS,
    REACHABLE,
    Body,
    CacheTags,
    DocumentedResponse,
    Header,
    Objective,
    Operation,
    Parameter,
)
from contracts.spec.source.spec_error import SpecError
from contracts.spec.source.structure import METHODS

__all__ = [
    "EXTENSIONS",
    "METHODS",
    "REACHABLE",
    "Body",
    "CacheTags",
    "DocumentedResponse",
    "Header",
    "OAuthClient",
    "Objective",
    "Operation",
    "Parameter",
    "Spec",
    "SpecError",
    "canonical",
    "default_overlays",
    "default_path",
    "load",
    "oauth_clients",
    "oauth_scope",
    "parse",
]
