"""The differences between two versions of openapi.yaml, and which of them a client of the old one would feel.

`compare(old, new)` walks both documents side by side. What a client sends may only be narrowed at its cost, what
it gets may only be widened at its cost, so every difference has its direction. A client here is one like the
guide's: it reads documented members, ignores others, and checks no length.

- `difference`: one difference, and the closed table of rules with their severities.
- `comparison`: the operations of two documents, matched by method and path.
- `pointers`: JSON pointers of everything in a document, and short names for people.
- `document_check`: whether a document has the form that the comparison walks.
- `document_source`: reads a document from a file, a URL or a commit, with its overlays.
- `diff_verdicts`: exit code, verdicts for the gate, text and JSON of a comparison.
- `diff_command`: `python -m reports diff`, and the judge of the gate.
- `operation/`: what an operation says outside its schemas: access, request, response.
- `schema/`: two JSON Schemas side by side.

    >>> from contracts import spec
    >>> compare(spec.load(), spec.load())
    ()
"""

from reports.compat.comparison import compare
from reports.compat.difference import RULES, Difference, Severity

__all__ = ["RULES", "Difference", "Severity", "compare"]
