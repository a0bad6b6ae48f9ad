"""A reconnect storm in virtual time.

simulator   N clients and one server on one heap
network     the server's queue, its backlog and lost SYNs
prediction  what came of it, in the numbers that a real storm reports
"""
