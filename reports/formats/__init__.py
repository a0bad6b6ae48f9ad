"""The renderers of a report, one for each file format.

- `archive`: writes all formats into one folder.
- `brief`: verdict.json.
- `junit`, `ctrf`, `sarif`: formats for CI.
- `wfc`: the format of viewers of API fuzzers.
- `markdown`: the comment on a pull request.
- `terminal`: the terminal output.
- `headline`: the first lines of every format.
"""
