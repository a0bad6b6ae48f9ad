"""Faults of content: the shape is right and the meaning is wrong.

- `list_faults`: filters, search, order, pages and totals.
- `category_faults`: the items of a category, date ranges, the tree.
- `version_faults`: history and reverts. `sync_faults`: windows of changes.
- `update_faults`: every change of one item. `bulk_faults`: several at once.
"""
