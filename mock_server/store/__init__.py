"""All state of the server: one SQLite file, one transaction a write, nothing kept beside it."""
