"""How fast, how large and how accurate the parts are: `make bench`, never a part of `make test`.

`__main__` names the benchmarks; each is a function of a Setting and returns a Result. What the benches themselves are built
from (parsing wrk's output, tables, probes of behaviour) is tested beside them in test_*.py.
"""
