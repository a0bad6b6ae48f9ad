"""The drivers of a guide client, which carry out its effects, and the programs that use them.

virtual_time     many clients in virtual time, on one heap of timers
real_time        one client in real time, on greenlets
server_adapter   a real server over HTTP
client_session   a short session of one client, and its cost
client_channel   a check of the realtime channel by one client
client_findings  all experiments and sessions as a Run
"""
