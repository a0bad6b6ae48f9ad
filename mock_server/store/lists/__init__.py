"""Lists of items: which items, in which order, page by page.

- `counts`: how many items there are, kept by the writes.
- `item_filter`: which items a list is about.
- `listing`: a page asked of SQLite anew.
- `pages`: a page on the quickest path.
"""
