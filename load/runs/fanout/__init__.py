"""The scenario write-fanout: one write, N sockets, 2 N reads.

write_fanout     the run
fanout_sockets   the sockets, each of which reads again when it is told of a change
fanout_verdicts  what is judged of it
"""
