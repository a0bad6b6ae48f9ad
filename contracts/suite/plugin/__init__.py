"""The suite as pytest sees it.

`registry`: every check with its slug, law, source and needs.
`results`: from single outcomes to the run, its file and the message of a failure.
`pytest_plugin`: the hooks: options, one test a check, order, skips, exit code.
"""
