"""The pytest plugin of the suite: it turns checks into tests, and the outcomes of tests into one run with its exit code.

`registry`: all checks, each with its slug, law, source and needs.
`options`: the command line options, read together with the environment.
`collection`: the tests that pytest collects from the checks, and their order.
`preflight`: the login before the first check, and later whether the target still answers.
`offences`: the cause of a failed test, taken from its first wrong exchange.
`failure_report`: the result row and the message of one test.
`run_results`: the results of the whole run, its file and its exit code.
`terminal_summary`: the lines below pytest's own summary.
`run_recorder`: the pytest hooks that only the controlling process has.
`pytest_plugin`: the hooks and fixtures that every process has.
`workers/`: worker processes, which run checks in parallel.
"""
