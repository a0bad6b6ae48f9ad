"""From the text of an OpenAPI document, anybody's, to one plain value that the reader understands.

| file | content |
| --- | --- |
| document_text.py | JSON and YAML 1.2 text to plain values |
| overlays.py | OpenAPI Overlay 1.0 and 1.1 |
| openapi_versions.py | OpenAPI 3.0 as 3.1 |
| structure.py | which objects a document is made of, as tables, and the walk over them |
| references.py | references: those into other files are brought in |
| spec_error.py | `SpecError`, one line for the user |

Data flows text → overlays → 3.1 → references → structure.
"""
