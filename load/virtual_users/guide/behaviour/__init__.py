"""Parts of the guide's client that decide how it behaves when something fails or ends.

circuit_breaker      five failures open it for 60 s
fallback             what is shown when the server answers 5xx
performance_monitor  measurements, buffered and flushed
shared_refresh       who waits for which token refresh
token_expiry         when a token looks expired to each platform
"""
