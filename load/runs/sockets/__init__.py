"""The scenarios with sockets; all but the held ones run in the coordinating process.

reconnect        the scenario `reconnect`: every reconnect policy through the outages
write_fanout     the scenario `write-fanout`: one write, N sockets, 2 N reads
fanout_sockets   the sockets of a fan-out, each of which reads again after an event
fanout_verdicts  the verdicts of a fan-out
held_workload    the workload of the scenario `sockets` in one process
held_sockets     the held sockets of one process, and their verdicts
"""
