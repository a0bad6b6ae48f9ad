"""The WebSocket channel of contracts/realtime.asyncapi.yaml.

- `adapter`: the ASGI adapter for WebSocket scopes. `cancellable_receive`: a `receive` that can be cancelled, for Granian.
- `handshake`: the decision whether a handshake is accepted.
- `frames`: the server's frames, and its replies to a client's.
- `hub`: all live sockets, to which the changes of the log are sent. `socket`: one of them.

An event is made from a committed row, so there is none for a write that did not happen.
"""
