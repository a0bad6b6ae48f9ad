"""Authentication, authorization and rate limiting.

- `authentication`: verifying the bearer token of a request, and the permission for an operation.
- `authorization_codes`: the OAuth authorization codes and their sessions.
- `passwords`: password hashes.
- `rate_limiter`: a token bucket for each user.
- `signing_key`: the choice of the key that signs tokens.
- `tokens`: signing and verifying JSON Web Tokens.
"""
