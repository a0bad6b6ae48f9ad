"""The interface that checks use: the API as methods of one account, and the capabilities of the target.

`suite_world`: the target, accounts and capabilities of one process.
`capabilities`: what the target can do, found out by probing, with the reason if it cannot.
`authorization_flow`: the authorization code flow, as a browser and a client perform it.
`sign_in_pages`: the pages of an authorization server, as a browser sees them.
`answered_lists`: the answers of lists and of sync, parsed.
`absent_ids`: ids that no item has.
`api`: `Api`, the operations as methods of one account.
`session_probes`: helpers for sessions: refresh, testing a token, its claims, the clock.
`successful_requests`: for each operation a request that succeeds.
`opened_sockets`: context managers for sockets.
"""
