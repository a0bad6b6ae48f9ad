"""The SQLite connection, its schema, and a cache of row values.

- `checkpoints`: WAL checkpoints in a thread.
- `database`: the connection and its transactions.
- `row_cache`: a cache that is valid until another process commits.
- `tables`: the schema and its indexes.
"""
