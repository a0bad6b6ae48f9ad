"""What carries out the effects of a guide client, and what answers it.

virtual_time     many clients on one heap of timers, faster than time
real_time        one client on greenlets
server_adapter   a real server over HTTP
client_session   a short session of one client, and what it cost
client_channel   the realtime channel as one client sees it
client_findings  all experiments and sessions as a Run
"""
