"""The two documents, read once into frozen values: what every program of this repository asks about the shape of the API.

| file | content |
| --- | --- |
| source/ | from text to one plain value: YAML, JSON, overlays, other files, OpenAPI 3.0 |
| operation_identity.py | which operation of a foreign document is which of ours |
| openapi_reader.py | from the plain value to values with names |
| operation.py | `Operation` and its parts; the closed list of extension keys and their defaults |
| document.py | `load` and `Spec`: the OpenAPI document as a whole, and which operation a request belongs to |
| pattern_text.py | a short text that a pattern allows |
| oauth_clients.py | the OAuth clients that the document names |
| channel.py | `Channel` and `Message`: the realtime document |
"""

from contracts.spec.document import Spec, canonical, default_overlays, default_path, load, parse
from contracts.spec.oauth_clients import OAuthClient, oauth_clients
from contracts.spec.operation import (
    ENDPOINTS,
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
    "ENDPOINTS",
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
    "parse",
]
