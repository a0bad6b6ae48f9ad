"""Realtime clients: the guide's reconnect logic as pure machines, a simulator, real sockets, and the storm.

protocol, timing                            the words between a policy and its driver; the durations
policy, policy_single, policy_as_written    three policies, no clock and no socket in them
network, simulator, prediction              N clients and a server in virtual time, and what came of them
websocket, virtual_client                   the same policies on gevent sockets, with wsproto
api, fault, storm, experiment               one outage for real: log in, open, cut, write, restore, watch
measure, judge, finding, scenario           its numbers, its verdicts, what it shows of the guide, its Run
"""
