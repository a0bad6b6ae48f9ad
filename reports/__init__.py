"""Verdicts and measurements in; terminal, Markdown, JUnit, JSON and one offline HTML file out; the release gate.

Knows a run only as `contracts.run.Run` and the other packages only as processes: it imports none of them.
Measuring and judging are different programs joined by a file, so every report can be made again from
`run.json` without running anything.
"""
