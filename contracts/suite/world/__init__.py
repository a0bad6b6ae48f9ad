"""The target under test: its URL, its accounts, and what the suite may do there.

`suite_settings`: the options of the user, as one value.
`embedded_server`: the server that is started if no target is named.
`target_client`: the client through which every request of a process is sent.
`accounts`: the accounts of a run, and their sessions.
`control`: the optional control interface.
"""
