"""Realtime clients: the guide's reconnect logic as pure machines, a simulator, real sockets, and the storm.

protocol, timing               the words between a policy and its driver; the durations
policy, policy_single, policy_as_written      three policies, no clock and no socket in them
network, simulator             N clients and a server in virtual time
websocket, virtual_client      the same policies on gevent sockets, with wsproto
target, fault, storm           one outage for real: log in, open, cut, publish, restore, watch
ledger, measure, judge, finding, scenario     what was seen, counted, judged, and put into a Run
"""
