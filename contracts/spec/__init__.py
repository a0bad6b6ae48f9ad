"""The two documents, read once into frozen values: what every program of this repository asks about the shape of the API.

| file | content |
| --- | --- |
| document.py | `load` and `Spec`: the OpenAPI document as a whole, and which operation a request belongs to |
| document_text.py | JSON and YAML 1.2 text to plain values |
| overlays.py | OpenAPI Overlay 1.0 and 1.1 |
| openapi_versions.py | OpenAPI 3.0 as 3.1 |
| structure.py | which objects a document is made of, as tables, and the walk over them |
| references.py | references: those into other files are brought in |
| openapi_reader.py | from the raw document to values |
| operation.py | `Operation` and its parts; the closed list of extension keys and their defaults |
| channel.py | `Channel` and `Message`: the realtime document |
| spec_error.py | `SpecError`, one line for the user |

Data flows text → overlays → 3.1 → references → structure → reader → `Spec`.
"""

from contracts.spec.document import Spec, default_overlays, default_path, load, parse
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
from contracts.spec.spec_error import SpecError
from contracts.spec.structure import METHODS

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
    "default_overlays",
    "default_path",
    "load",
    "parse",
]
