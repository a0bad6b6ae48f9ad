"""The handlers of the operations, which are called after a request was authorized and validated.

- `content_reading`: items, lists, categories, versions, sync.
- `content_writing`: create, update, publish, archive, bulk and revert, each in one transaction.
- `oauth_handlers`: the authorization server: consent, code, tokens, revocation, metadata.
- `session_handlers`: login, refresh, logout, verification of a token, metrics.

A handler is called like its operationId, in snake case (`application.handlers_of`). The application refuses to start if one is missing.
"""
