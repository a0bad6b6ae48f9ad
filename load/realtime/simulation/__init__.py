"""The simulation of a reconnect storm in virtual time.

simulator   N clients and one server on one heap
network     the server's queue, its backlog and lost SYNs
prediction  the results, in the numbers that a real storm reports
"""
