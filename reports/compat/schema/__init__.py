"""The differences of two JSON Schemas: what the new one refuses that the old one allowed, and the other way round.

- `json_values`: JSON values as text that can be compared, and their types.
- `schema_shape`: a schema as a conjunction of plain parts, `$ref` followed and `allOf` flattened.
- `schema_equality`: whether two schemas say the same, with every `$ref` followed.
- `pattern_order`: which of two regular expressions allows more.
- `keyword_diff`: keywords that say something alone: limits, sizes, formats, patterns.
- `finite_values`: schemas that list their values, judged by the validator.
- `condition_diff`: `not`, `contains`, `if` and `dependentSchemas`.
- `discriminator_diff`: the member that tells variants apart, and its mapping.
- `variant_diff`: `anyOf`, `oneOf` and lists of types, each variant with its nearest.
- `schema_diff`: the walk over both schemas, member by member.
"""
