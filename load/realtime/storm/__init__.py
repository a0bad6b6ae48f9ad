"""A reconnect storm for real: open N sockets, cut them, write meanwhile, restore, judge.

storm_scenario  every policy through every outage, as a Run
storm           one outage
storm_clients   its clients: their sessions, tokens and syncs
outage_faults   the outages as a table of toxics
storm_api       the HTTP calls of a storm: log in, write, catch up
client_tokens   one client's tokens, refreshed once per expiry
storm_record    what one storm leaves behind
measurement     its numbers
storm_verdicts  what is judged of the target
storm_findings  what it shows of the guide's client
"""
