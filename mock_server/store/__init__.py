"""All state of the server: one SQLite file, one transaction a write, nothing kept beside it.

- `categories`: the tree of each workspace.
- `changes`: the change log, which feeds the sockets.
- `documents`: items' JSON by their keys.
- `ids`: ids of new items.
- `item`: an item as a value and as JSON.
- `items`: the rows of items: find, insert, replace.
- `lists/`: which items a list shows, in which order, page by page.
- `session_store`: accounts, sessions, refresh tokens.
- `sqlite/`: the connection and the schema.
- `sync`: what changed in a window of time.
- `versions`: the history of an item.
- `workspaces`: the logical clock of a workspace.
"""
