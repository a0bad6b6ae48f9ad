"""A team with a server of its own: it keeps a document of its own, differs from ours in known ways, and must not get worse.

`foreign_document`: the document: other names, statuses and errors than ours, and no word on what ours says in prose.
`foreign_server`: the server that keeps it, with some faults of its own and regressions to plant.
`foreign_wire`: that server over HTTP and WebSocket.
`test_adoption`: its failures accepted with one command, after which each regression is red; runs that lock nobody out.
"""
