"""The data that a server starts with, drawn from a seed.

- `histories`: items and their versions, quickly, as rows.
- `world`: workspaces, accounts and categories, and the planting of all of it.
"""
