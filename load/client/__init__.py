"""Virtual clients: web, iOS and Android as the guide's code makes them, as pure machines in virtual time.

Each comes as `guide-intended` (as the guide says) and `guide-exact` (as its code does); `profile.DEVIATIONS` is the
whole list of differences.

| file | what |
| --- | --- |
| exchange.py | requests, replies, effects, timers |
| profile.py, persona.py | the two readings of the guide; the three platforms |
| endpoint.py, tags.py | the guide's endpoint definitions; cache tags of openapi.yaml |
| cache.py, optimistic.py | RTK Query's cache; optimistic updates and rollback |
| httpcache.py, warming.py | URLCache; what is fetched after login |
| transport.py, breaker.py, fallback.py, refresh.py | one call: circuit breaker, retries, refresh and replay, fallback |
| account.py, session.py, expiry.py | login and logout; auth slice and token stores; when a token looks expired |
| monitor.py | the performance monitor |
| virtual_client.py | all of them put together |
| clockwork.py, scripted.py, driver.py | virtual time; a server in memory; a real one |
| experiments/, play.py, findings.py | named findings with numbers; a session; both as a part of a Run |
"""
