"""Everything that a renderer may look at, as values without any markup.

tables: the report, its rows by operation, its checks by family, its coverage · document_lines: line numbers of
openapi.yaml · cases: test cases as JUnit and CTRF know them ·
evidence: numbers in a verdict's evidence ·
not_checked: what the run did not look at, with its reasons.
"""
