"""Faults of access: who somebody is and what they may see.

- `token_faults`: what passes for a token, and what one tells. `session_faults`: login, refresh, logout, verify.
- `oauth_faults`: codes, challenges, redirects, the page, revocation, metadata.
- `workspace_faults`: what belongs to others.
"""
