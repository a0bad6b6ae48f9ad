"""SQLite: the connection, its schema, and what is remembered of its rows.

- `checkpoints`: moves the log into the file, in a thread.
- `database`: the connection and its transactions.
- `remembered`: values that hold until another process commits.
- `tables`: the schema and its indexes.
"""
