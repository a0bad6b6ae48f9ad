"""Faults of the WebSocket channel, against laws W1 to W7.

- `handshake_faults`: accepting and refusing handshakes.
- `frame_faults`: heartbeats, replies to frames, close codes.
- `event_faults`: the content, the receivers and the delivery of events.
- `premature_event_faults`: events of changes that are not committed, or not yet.
- `held_frames`: frames that a fault delays.
"""
