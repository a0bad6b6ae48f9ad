"""Faults of content, whose responses have the right shape and the wrong meaning.

- `list_faults`: filters, search, order, pages and totals.
- `category_faults`: the items of a category, date ranges, the tree.
- `version_faults`: history and reverts. `sync_faults`: sync windows.
- `update_faults`: changes of one item. `bulk_faults`: bulk requests.
"""
