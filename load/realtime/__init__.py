"""The realtime channel: reconnect policies as pure state machines, a simulator, real sockets, and reconnect storms.

channel           the timed channel operations: connect, heartbeat, event
channel_counts    counts of channel operations, as for requests
channel_endpoint  the address of the channel on a target
websocket         one WebSocket connection on a gevent socket, with wsproto
realtime_client   one client: its policy, sockets, timers, and a record of their events
storm_table       the table of storms for the terminal
policies          the reconnect policies
simulation        reconnect storms in virtual time
storm             reconnect storms against a real target
"""
