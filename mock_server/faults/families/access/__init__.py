"""Faults of authentication and authorization.

- `token_faults`: invalid tokens that are accepted, and wrong claims. `session_faults`: login, refresh, logout, verify.
- `oauth_faults`: codes, challenges, redirects, the page, revocation, metadata.
- `workspace_faults`: access to other workspaces.
"""
