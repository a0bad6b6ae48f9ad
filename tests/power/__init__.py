"""The detection matrix: every fault of the catalogue, alone, against the checks that it names. `make power`.

make power                                      all of it: the matrix in reports/out/power.md and power.json
python -m tests.power --fault lost-update       one fault
python -m tests.power --family auth --out DIR   one family
python -m tests.power --schemathesis all        with the stock `st run` on every fault (an hour and more)
python -m tests.power --skip-matrix --clean-seeds 20 --whole 5

cell: one fault, one check that it names, and what came of it.
matrix: all cells of one run, as JSON and as Markdown.
named_checks: which tests of a check are run for a fault, the likeliest first.
unnamed_checks: checks that no fault names, and what is known of their power.
fault_sample: a fifth of the catalogue, for short runs.
progress: how far a long run is.
"""
