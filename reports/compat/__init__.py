"""The comparison of two versions of an OpenAPI document: which changes break a client of the old version.

`compare(old, new)` walks both documents side by side. A change breaks a client if the server accepts less of what the
client may send, or returns more than the client was told to expect; so every difference is judged by its direction. The
assumed client is like the guide's: it reads documented members, ignores others, and does not check lengths.

- `difference`: one difference, and the closed table of rules with their severities.
- `comparison`: the operations of two documents, matched by method and path.
- `pointers`: JSON pointers into a document, and short names for people.
- `document_check`: checks that a document has the form that the comparison walks.
- `document_source`: reads a document from a file, a URL or a git commit, with its overlays.
- `diff_verdicts`: exit code, gate verdicts, text and JSON of a comparison.
- `diff_command`: the command `python -m reports diff`, and the gate's judge.
- `operation/`: compares operations outside their schemas: access, request, response.
- `schema/`: compares two JSON Schemas.

    >>> from contracts import spec
    >>> compare(spec.load(), spec.load())
    ()
"""

from reports.compat.comparison import compare
from reports.compat.difference import RULES, Difference, Severity

__all__ = ["RULES", "Difference", "Severity", "compare"]
