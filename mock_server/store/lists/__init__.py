"""Lists of items: which items, in which order, page by page.

- `counts`: how many items there are, kept by the writes.
- `excerpt`: what of an item a list shows.
- `item_filter`: which items a list is about.
- `listing`: a page on the plain path.
- `order`: orders of items that are kept in memory.
- `pages`: a page on the quickest path.
- `texts`: the trigram index of `search`.
"""
