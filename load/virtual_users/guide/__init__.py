"""The guide's web, iOS and Android client as a pure state machine: no clock, no socket, no randomness.

Each comes as `guide-intended` (as the guide says) and `guide-exact` (as its code does); `profile.DEVIATIONS` lists every difference.

guide_client  cache, transport, account and monitor put together
exchange      requests, replies, effects and timers
endpoint      from a hook's argument to a request, and from an answer to its data
transport     one call: circuit breaker, retries, refresh and replay, fallback
account       login, logout, tokens and who waits for a refresh
token_store   the auth slice, and where each platform keeps its tokens
persona       the three platforms as rows of a table
profile       the two readings of the guide
behaviour     circuit breaker, fallback, performance monitor, refresh, expiry
cache         RTK Query's cache, tags, optimistic updates
"""
