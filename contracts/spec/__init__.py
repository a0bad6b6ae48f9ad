"""The two documents, read once into frozen values: what every program of this repository asks about the shape of the API.

| file | content |
| --- | --- |
| document.py | `load` and `Spec`: openapi.yaml as a whole, and which operation a request belongs to |
| openapi_reader.py | the walk over an OpenAPI document that makes the values and names the place of each mistake |
| operation.py | `Operation` and its parts; the closed list of extension keys |
| channel.py | `Channel` and `Message`: the realtime document |
"""

from contracts.spec.document import Spec, default_path, from_yaml, load, parse
from contracts.spec.openapi_reader import METHODS, SpecError
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

__all__ = [
    "EXTENSIONS",
    "METHODS",
    "REACHABLE",
    "Body",
    "CacheTags",
    "DocumentedResponse",
    "Header",
    "Objective",
    "Operation",
    "Parameter",
    "Spec",
    "SpecError",
    "default_path",
    "from_yaml",
    "load",
    "parse",
]
