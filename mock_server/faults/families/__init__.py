"""The faults, a file for each kind. Each is one row of one table; a new one is found by the tests without another line.

- `entry`: short ways to write a row.
- `seeded_faults`: the ten faults of Zhang and Arcuri's artificial API.
- `shape_faults`: responses with wrong members, envelopes or headers.
- `content`: lists, categories, versions, sync, updates and bulk.
- `validation_faults`: what is let pass or refused wrongly. `http_faults`: statuses, methods, origins, conditions, idempotency.
- `limit_faults`: rate limits.
- `access`: tokens, sessions, workspaces.
- `realtime`: the WebSocket channel.
- `delivery_faults`: lateness, outages, broken connections.
"""
