"""The target under test: where it is, who may log in there, what it can do, and the API in verbs.

`suite_settings`: everything that the user says, as one value.
`embedded_server`: the server that is started where no target is named.
`suite_world`: one process's view of the target.
`control`: the optional control interface.
`api`: what a check holds in its hands: the API as one account sees it.
`session_probes`: refresh, whether a token works, what it claims, the clock.
`successful_requests`: for each operation the shortest way to its success.
"""
