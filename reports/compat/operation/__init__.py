"""The differences of one operation: who may call it, what is sent, what is answered.

- `document_version`: one of the two documents, with the pointer of everything in it.
- `access_diff`: servers, security, permission, objective and cache tags.
- `request_diff`: parameters, state headers and the request body.
- `response_diff`: statuses, media types, headers and bodies of answers.
"""
