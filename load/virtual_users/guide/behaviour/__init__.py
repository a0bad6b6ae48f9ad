"""The parts of the guide's client that handle failures and expiry.

circuit_breaker      the circuit breaker: five failures open it for 60 s
fallback             the fallback data when the server answers 5xx
performance_monitor  measurements, buffered and flushed
shared_refresh       token refreshes and the calls that wait for each
token_expiry         whether a token looks expired to each platform
"""
