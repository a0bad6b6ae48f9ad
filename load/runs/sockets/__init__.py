"""The runs that are made of sockets; all but the held ones run in the coordinating process.

reconnect        every reconnect policy through the outages
write_fanout     one write, N sockets, 2 N reads
fanout_sockets   its sockets, each of which reads again when it is told of a change
fanout_verdicts  what is judged of it
held_workload    sockets that come over a time and are held, in each load process
held_sockets     its sockets, and what is judged of them
"""
