"""HTTP as the contract has it: what every operation does with requests and answers alike.

- `answer_check`: an answer held against the document before it leaves (`--check-answers`).
- `cors`: the fields of cross-origin requests.
- `forms`: bodies of the OAuth endpoints, and their refusals.
- `example_application`: operations that only somebody's document has.
- `foreign_document`: the application behind somebody's document (`--spec`, `--overlay`).
- `gzip_coding`: the content coding of large answers.
- `validation`: a request held against the document.
"""
