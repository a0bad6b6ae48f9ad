"""The commands that read and write files of whole runs; `diff` stands beside what it is about.

| file | content |
| --- | --- |
| gate_command.py | `gate`: options, and from the end of all parts to the exit code |
| render_command.py | `render`: all formats again from a run.json |
| compare_command.py | `compare`: two load runs side by side |
| baseline_command.py | `baseline keep`, and the comparison as a judge for `gate` and `render` |
| merge_command.py | `merge`: one run.json of several |
| accept_command.py | `accept`: today's failures into a policy, and out again when they are mended |
| given_files.py | run.json and policy as a user gives them: what is wrong with one is a line and exit code 64 |
| report_output.py | a report of a run, and what is said of it on the terminal |
"""
