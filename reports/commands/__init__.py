"""The commands of `python -m reports` that read and write runs; `diff` is in `reports.compat`.

| file | content |
| --- | --- |
| gate_command.py | `gate`: runs all parts, reports, and decides |
| render_command.py | `render`: makes all formats again from a run.json |
| compare_command.py | `compare`: compares two load runs |
| baseline_command.py | `baseline keep`, and the comparison with a baseline for `gate` and `render` |
| merge_command.py | `merge`: makes one run.json of several |
| accept_command.py | `accept`: adds today's failures to a policy, and removes them when they are mended |
| given_files.py | reads and writes the files that a user names; a mistake is one line and exit code 64 |
| report_output.py | makes the report of a run, and prints it |
"""
