"""The conversion of an OpenAPI document's text into one JSON value of OpenAPI 3.1, without references into other files.

| file | content |
| --- | --- |
| document_text.py | parsing of JSON and YAML 1.2 text |
| overlays.py | OpenAPI Overlay 1.0 and 1.1 |
| openapi_versions.py | conversion from OpenAPI 3.0 to 3.1 |
| structure.py | the objects that a document consists of, as tables, and the walk over them |
| references.py | resolution of references into other files |
| oauth_endpoints.py | the endpoints of the authorization server among the operations |
| spec_error.py | `SpecError`, one line for the user |

Data flows text → overlays → 3.1 → references → structure.
"""
