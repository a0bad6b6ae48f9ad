"""The target under test: where it is, who may log in there, and what may be done there.

`suite_settings`: everything that the user says, as one value.
`embedded_server`: the server that is started where no target is named.
`target_client`: one process's way to the target; every request of the suite goes through it.
`accounts`: the accounts of a run and their sessions.
`control`: the optional control interface.
"""
