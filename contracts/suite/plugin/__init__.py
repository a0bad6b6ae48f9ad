"""The suite as pytest sees it.

`registry`: every check with its slug, law, source and needs.
`options`: the command line and the environment as one value.
`collection`: one test a check and value, in the order of the families.
`preflight`: one request before the first check, and whether the target still answers.
`offences`: the cause of a failure, the first exchange that shows something wrong.
`failure_report`: one test's outcome as a row of the run, and the message of a failure.
`run_results`: from single outcomes to the run, its file and its exit code.
`terminal_summary`: what was not checked and why, the causes of the failures, what was reached.
`run_recorder`: the controlling process's hooks, an object a run.
`pytest_plugin`: the other hooks and the fixtures.
`workers/`: checks side by side in several processes.
"""
