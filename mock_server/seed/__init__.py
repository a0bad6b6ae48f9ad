"""The initial data of a database, drawn from a seed.

- `histories`: the rows of items and their versions.
- `world`: workspaces, accounts and categories, and filling the database.
"""
