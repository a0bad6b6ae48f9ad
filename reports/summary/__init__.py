"""The data of all renderers, as values without markup.

- `tables`: the report with its rows by operation, its checks by family, and its coverage.
- `document_lines`: line numbers of openapi.yaml.
- `cases`: the test cases of JUnit and CTRF.
- `evidence`: numbers in a verdict's evidence.
- `not_checked`: what the run did not check, with the reasons.
"""
