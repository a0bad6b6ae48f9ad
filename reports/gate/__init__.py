"""The release gate: starts contracts, load and reconnect as processes, and decides from what they wrote.

Each part writes a `contracts.run.Run` to a file. A part that dies, overruns or writes nothing becomes an UNKNOWN
verdict with its last words; whatever happens, what is known is merged, judged, reported, and is the exit code.

| file | content |
| --- | --- |
| plan.py | what one gate run shall do, as a value; the tables of profiles and parts |
| gate_run.py | from the first process to one Run |
| part_run.py | one part as a process |
| part_outcome.py | what a part's end means |
| target_probe.py | is it a URL, is it this machine, does anything answer, is it this API |
| run_folder.py | the folder of one run |
| run_record.py | document and machine of one run |
| log_words.py | what a process said, without secrets |
| progress.py | what the gate is doing, on a terminal and elsewhere |
| processes | processes and signals |
"""
