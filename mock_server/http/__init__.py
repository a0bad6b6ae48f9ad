"""HTTP features that all operations share.

- `answer_check`: checking a response against the document before it is sent (`--check-answers`).
- `cors`: the header fields of cross-origin requests.
- `forms`: form bodies of the OAuth endpoints, and their errors.
- `example_application`: operations that only another document has.
- `foreign_document`: serving another document (`--spec`, `--overlay`).
- `gzip_coding`: compressing large responses.
- `validation`: validating a request against the document.
"""
