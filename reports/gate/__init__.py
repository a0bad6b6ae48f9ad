"""The release gate: runs the contract checks, the load and the reconnect scenario as processes, and merges their results.

Each part writes a `contracts.run.Run` to a file. A part that dies, overruns its time or writes nothing becomes an UNKNOWN
verdict with its last output; whatever happens, the results so far are merged, judged and reported.

| file | content |
| --- | --- |
| plan.py | the plan of a gate run as a value; the tables of profiles and parts |
| gate_run.py | the run of all parts, merged into one Run |
| part_run.py | the run of one part as a process |
| part_outcome.py | the outcome of a part that has ended |
| target_probe.py | the first requests to the target: does it answer, and is it this API |
| run_folder.py | the folder of one run |
| run_record.py | the document and the machine, as a run records them |
| process_output.py | the output of a process, without secrets |
| progress.py | progress display on a terminal, and as lines elsewhere |
| processes | processes and signals |
"""
