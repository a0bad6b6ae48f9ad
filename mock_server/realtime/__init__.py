"""The WebSocket channel of contracts/realtime.asyncapi.yaml.

- `adapter`: ASGI's WebSocket side. `cancellable_receive`: a `receive` that can be left, for Granian.
- `handshake`: whether a handshake may become a socket.
- `frames`: the server's frames, and what it answers to a client's.
- `hub`: tails the change log and keeps the sockets. `socket`: one of them.

An event is a committed row: nothing in here can tell of a write that did not happen.
"""
