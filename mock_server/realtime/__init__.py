"""The WebSocket channel of contracts/realtime.asyncapi.yaml.

`frames` and `handshake` judge what clients send; `hub` tails the change log and keeps the sockets; `socket`
is one of them. An event is a committed row: nothing in here can tell of a write that did not happen.
"""
