"""Benchmarks of the load generator: each a function of a Setting that returns a Result.

accuracy: reported latencies beside the true ones, Locust and k6 beside ours.
distributed: fifty processes, and two clocks: exact totals, and no verdict against an honest server.
generator: requests a second that one core sends with everything recorded.
memory: whether the generator keeps growing over a million requests.
storm: thousands of clients through one outage.
true_latency: the truth of an accuracy run, and how far a number is from it.
known_latency_server: a target whose latencies are known.
sending_loops: ways of sending requests in one process, as commands that print one line.
"""
