"""The state of the server in one SQLite file, with one transaction for each write.

- `categories`: the category tree of each workspace.
- `changes`: the change log, from which events are sent.
- `documents`: a cache of items' JSON.
- `ids`: ids of new items.
- `item`: an item as a value and as JSON.
- `items`: finding, inserting and replacing items.
- `lists/`: the pages of item lists.
- `session_store`: accounts, sessions, refresh tokens.
- `sqlite/`: the connection and the schema.
- `sync`: the items that changed in a window of time.
- `versions`: the version history of an item.
- `workspaces`: the last change stamp of a workspace.
"""
