"""The comparison of two JSON Schemas: which values only the old one allows, and which only the new one allows.

- `json_values`: canonical JSON text for comparing values, and the types of values.
- `schema_shape`: a schema as a conjunction of plain parts, with `$ref` followed and `allOf` flattened.
- `schema_equality`: whether two schemas mean the same.
- `pattern_order`: which of two regular expressions allows more.
- `keyword_diff`: keywords that can be compared alone: limits, sizes, formats, patterns.
- `finite_values`: schemas that list their values, compared with a validator.
- `condition_diff`: `not`, `contains`, `if` and `dependentSchemas`.
- `discriminator_diff`: the member that distinguishes variants, and its mapping.
- `variant_diff`: `anyOf`, `oneOf` and lists of types; each variant is compared with the most similar one.
- `schema_diff`: the walk over both schemas, member by member.
"""
