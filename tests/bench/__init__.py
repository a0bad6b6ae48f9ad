"""Benchmarks: how fast, how large and how accurate the parts are. `make bench`; never a part of `make test`.

`__main__` names the benchmarks; each is a function of a Setting that returns a Result. server/, load/, peers/ and analysis/ hold
them, programs/ what they start. What the benchmarks are built from is tested beside them in test_*.py.

setting: how long, on which cores, where to.
result: rows with a number each, and their limits.
rounds: contestants take turns, so that a drifting machine is fair to all.
machine: the machine in one line, and its limit of open files.
markdown: a Result as a table.
"""
