"""The suite as pytest sees it.

`registry`: every check with its slug, law, source and needs.
`options`: the command line and the environment as one value.
`collection`: one test a check and value, in the order of the families.
`failure_report`: one test's outcome as a row of the run, and the message of a failure.
`run_results`: from single outcomes to the run, its file and its summary.
`run_recorder`: the controlling process's hooks, an object a run.
`pytest_plugin`: the other hooks and the fixtures.
"""
