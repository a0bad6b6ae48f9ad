"""Reconnect storms against a real target: open N sockets, cut them, write meanwhile, end the outage, judge.

storm_scenario  all storms of a run (each policy in each outage) as a Run
storm           one storm
storm_clients   the clients of a storm: their sessions, tokens and syncs
outage_faults   the outages as a table of toxics
storm_api       the HTTP calls of a storm: login, writes, sync
client_tokens   one client's tokens, refreshed once per expiry
storm_record    the raw record of one storm
measurement     the numbers of one storm
storm_verdicts  the verdicts on the target
storm_findings  the findings about the guide's client
"""
