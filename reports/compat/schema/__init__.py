"""The differences of two JSON Schemas: what the new one refuses that the old one allowed, and the other way round.

- `schema_shape`: a schema as a conjunction of plain parts, `$ref` followed and `allOf` flattened.
- `pattern_order`: which of two regular expressions allows more.
- `keyword_diff`: one function for each family of keywords.
- `schema_diff`: the walk over both schemas, member by member and variant by variant.
"""
