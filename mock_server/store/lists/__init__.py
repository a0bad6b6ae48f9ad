"""The pages of item lists.

- `counts`: the numbers of items, maintained by writes.
- `item_filter`: the condition on the items of a list.
- `key_query`: the query of all keys of a list.
- `listing`: pages by plain SQL queries.
- `pages`: pages with caches, for speed.
- `renewed_keys`: the keys of a cached list after a few changes.
"""
