"""Faults of the WebSocket channel, against laws W1 to W7.

- `handshake_faults`: who gets a socket, and how somebody is refused one.
- `frame_faults`: heartbeats, answers to frames, close codes.
- `event_faults`: what an event says, to whom it goes, and whether it comes at all.
- `premature_event_faults`: events of changes that are not, or not yet, so.
- `held_frames`: what the faults hold back.
"""
