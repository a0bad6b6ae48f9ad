"""The realtime channel: the guide's reconnect logic as pure machines, a simulator, real sockets, and storms.

channel          what sockets do that can be timed, each a row beside the operations
channel_counts  what sockets did, counted like requests
channel_endpoint where the sockets go
websocket        one WebSocket connection on a gevent socket, with wsproto
realtime_client  one client: a policy, its sockets, its timers, and a record of what happened
storm_table      what the terminal shows of storms
policies         the reconnect policies
simulation       storms in virtual time
storm            storms for real
"""
