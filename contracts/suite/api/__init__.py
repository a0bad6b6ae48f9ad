"""What a check holds in its hands: the API in verbs, as one account sees it, and what the target can do.

`suite_world`: everything that one process holds while it runs checks.
`capabilities`: what the target can do, found out by asking, and the reason where it cannot.
`authorization_flow`: the authorization code flow as a browser and a client walk it.
`preconditions`: whether a check can be made of this target at all.
`answered_lists`: what the answers of lists and of sync hold.
`api`: the API as one account sees it, in verbs.
`session_probes`: refresh, whether a token works, what it claims, the clock.
`successful_requests`: for each operation the shortest way to its success.
`opened_sockets`: sockets of both kinds, opened for a block and closed at its end whatever happens.
"""
