"""Authentication: who asks, by which token, and how often.

- `authentication`: the bearer token of a request, and the permission that an operation wants.
- `authorization_codes`: who agreed to what, and the session that came of it.
- `passwords`: hashes of passwords.
- `rate_limiter`: a token bucket for each account.
- `signing_key`: where the key that signs tokens comes from.
- `tokens`: signs and verifies JSON Web Tokens.
"""
