"""The guide's web, iOS and Android clients as a pure state machine without clock, sockets or randomness.

Each has two profiles: `guide-intended` (what the guide says) and `guide-exact` (what its code does); `profile.DEVIATIONS` lists
every difference.

guide_client  the whole client: cache, transport, account and monitor
exchange      requests, replies, effects and timers
endpoint      requests from hook arguments, and hook data from replies
transport     one call: circuit breaker, retries, refresh and replay, fallback
account       login, logout, tokens and refreshes
token_store   the auth slice, and the token storage of each platform
persona       the three platforms as rows of a table
profile       the two profiles and their differences
behaviour     circuit breaker, fallback, performance monitor, refresh, expiry
cache         RTK Query's cache, tags, optimistic updates
"""
