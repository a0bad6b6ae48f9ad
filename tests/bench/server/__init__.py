"""Benchmarks of the reference server: each a function of a Setting that returns a Result.

throughput: requests a second on one core, beside nginx with a fixed body.
selfcheck: what it costs that the server holds its own answers against openapi.yaml.
growth: what a larger world costs in latency, start time and memory.
soak: whether the server keeps growing over a million requests.
sockets: how soon thousands of idle sockets hear of one write, and what each weighs.
request_mix: the requests of the soak.
latency_connection: one connection that measures how long an answer takes.
listening_sockets: thousands of sockets in a process of their own.
"""
