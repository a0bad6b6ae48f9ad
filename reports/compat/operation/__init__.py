"""The differences of one operation: who may call it, what is sent, what is answered.

- `api_document`: one of the two documents, and its operations with the pointer of everything.
- `node_equality`: whether two objects of a document say the same.
- `media_type`: media types as keys, and which falls under which.
- `access_diff`: servers, permission, objective, cache tags, callbacks and webhooks.
- `security_diff`: the credentials that are asked for, and where they come from.
- `request_diff`: parameters, state headers and the request body.
- `response_diff`: statuses, media types, headers and bodies of answers.
"""
