"""The comparison of one operation: access, request and responses.

- `api_document`: one of the two documents, and its operations.
- `node_equality`: whether two objects of a document mean the same.
- `media_type`: media types as keys, and which type or range covers which.
- `access_diff`: servers, permission, objective, cache tags, callbacks and webhooks.
- `security_diff`: the credentials that an operation needs, and where they come from.
- `request_diff`: parameters, state headers and the request body.
- `response_diff`: statuses, media types, headers and bodies of answers.
"""
