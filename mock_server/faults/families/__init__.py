"""The faults, a file for each kind. Each is one row of a table; the tests find a new one by themselves.

- `entry`: functions that make a row.
- `seeded_faults`: the ten faults of Zhang and Arcuri's artificial API.
- `shape_faults`: responses with wrong members, envelopes or headers.
- `content`: lists, categories, versions, sync, updates and bulk.
- `validation_faults`: requests that are accepted or refused wrongly. `http_faults`: statuses, methods, origins, conditions.
- `idempotency_faults`: idempotency keys.
- `limit_faults`: rate limits.
- `access`: tokens, sessions, workspaces.
- `realtime`: the WebSocket channel.
- `delivery_faults`: late responses, outages, broken connections.
"""
