"""What each operation does, once the request is known to be allowed and valid.

- `content_reading`: items, lists, categories, versions, sync.
- `content_writing`: create, update, publish, archive, bulk and revert, each in one transaction.
- `oauth_handlers`: the authorization server: consent, code, tokens, revocation, metadata.
- `session_handlers`: login, refresh, logout, verification of a token, metrics.

`build.handlers` maps operationId to a handler; the application refuses to start when one is missing or too many.
"""
