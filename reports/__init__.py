"""Verdicts and measurements in; terminal, Markdown, JUnit, JSON and one offline HTML file out; the release gate.

Knows a run only as `contracts.run.Run` and the other packages only as processes: it imports none of them.
Measuring and judging are different programs joined by a file, so every report can be made again from
`run.json` without running anything.

| file | content |
| --- | --- |
| cli.py | the table of commands of `python -m reports` |
| bounded_http.py | one request that costs at most so many seconds and bytes |
| commands | the commands that read and write whole runs |
| gate | starts the parts, and decides from what they wrote |
| decision | from verdicts and a policy to a release decision |
| summary | everything that a renderer may look at |
| formats | one renderer for each file format |
| page | HTML pages and their pictures |
| baseline | is this run slower than one that was kept |
| compat | would a client of the old document work with the new one |
| text | words and numbers for people |
| schemas | JSON Schemas of run.json, verdict.json and the policy |
"""
