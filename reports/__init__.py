"""The release gate and the reports: from verdicts and measurements to a decision, in text, Markdown, JUnit, JSON and HTML.

It reads a run as `contracts.run.Run` and starts the other packages as processes, without importing them. Measuring and reporting
are separate programs with a file between them, so every report can be made again from `run.json`.

| file | content |
| --- | --- |
| cli.py | the table of commands of `python -m reports` |
| bounded_http.py | one HTTP request with limits for its time and size |
| commands | the commands that read and write whole runs |
| gate | runs all parts and merges their results |
| decision | the release decision from verdicts and a policy |
| summary | the data of all renderers |
| formats | one renderer for each file format |
| page | HTML pages and their pictures |
| baseline | the comparison of latencies with a kept run |
| compat | the comparison of two OpenAPI documents for breaking changes |
| text | words and numbers for people |
| schemas | JSON Schemas of run.json, verdict.json and the policy |
"""
