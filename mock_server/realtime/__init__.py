"""The WebSocket channel of contracts/realtime.asyncapi.yaml.

`frames` and `handshake` judge what clients send; `hub` tails the change log and keeps the sockets; `socket`
is one of them. An event is a committed row: nothing in these can tell of a write that did not happen.

What faults change at one place is read there as a rule. What takes more is kept apart: `event_faults` (delivery gone
wrong), `premature_event_faults` (events without truth) and `handshake_faults` (handshakes that pass); with no fault on nothing asks them.
"""
