"""Programs that a benchmark starts, and what is read from them.

child_process: a program that is started, waited for and ended with its block.
installed: where a program stands on this machine, and `Unmeasured` for what is missing.
reference_server: our server, pinned to its core.
nginx: fixed bodies in memory, as the upper bound of any server.
node_packages: the peers' programs, installed once with npm.
k6: the load generator k6, as a peer of ours.
wrk: the generator of all throughput benchmarks; wrk.lua sends the prepared requests.
"""
